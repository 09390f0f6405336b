// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

constexpr std::chrono::milliseconds kRetryEvery{250};
constexpr std::size_t kMostWaiting = 10'000;
// How long a reply is worth sending to a caller who did not say how long it waits.
constexpr std::chrono::seconds kUnknownCaller{60};

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

Answers::Answers(std::shared_ptr<const Settings> settings, std::shared_ptr<Senders> senders,
                 std::shared_ptr<Timer> timer)
    : settings_(std::move(settings)), senders_(std::move(senders)), timer_(std::move(timer)) {}

void Answers::send(Answer answer) {
  if (dead_.contains(answer.queue)) {
    log(LogLevel::warning, fmt::format("rabbit: {} is dropped: its queue {} is gone", answer.what,
                                       printable(answer.queue)));
    return;
  }
  Headers headers;
  compress(answer.body, headers, settings_->compression);
  if (answer.deadline.is_never()) answer.deadline = Deadline::after(kUnknownCaller);
  const auto missing_until =
      std::min(answer.deadline, Deadline::after(settings_->missing_reply_queue));
  const auto room_by = answer.deadline;
  publish(std::make_shared<const Sending>(
              Sending{std::move(answer), std::move(headers), missing_until}),
          room_by);
}

void Answers::publish(const SendingPtr& sending, Deadline room_by) {
  const auto& answer = sending->answer;
  auto publish = Publish::limited(
      {.what = answer.what,
       .routing_key = answer.queue,
       .body = answer.body,
       .unique_id = answer.unique_id,
       .headers = sending->headers,
       .mandatory = settings_->reply_mandatory,
       .deadline = answer.deadline,
       .timeline = std::make_shared<Timeline>()},
      timer_, [self = shared_from_this(), sending](Fate fate, const std::exception_ptr& error) {
        self->ended(sending, fate, error);
      });
  senders_->submit(publish, room_by);
}

void Answers::ended(const SendingPtr& sending, Fate fate, const std::exception_ptr& error) {
  const auto& answer = sending->answer;
  if (fate == Fate::accepted || fate == Fate::closed) return;
  // A caller takes the first reply to its id and drops a second, so doubt is no reason to be
  // silent.
  if (fate == Fate::in_doubt || (fate == Fate::returned && answer.retried)) {
    if (!sending->missing_until.expired()) return try_later(sending);
    if (fate == Fate::returned) dead_.add(answer.queue);
  }
  log(LogLevel::warning,
      fmt::format("rabbit: {} was not delivered: {}", answer.what, text_of(error)));
}

void Answers::try_later(const SendingPtr& sending) {
  if (++waiting_ > kMostWaiting) {
    --waiting_;
    log(LogLevel::warning, fmt::format("rabbit: {} is dropped: too many replies wait for their "
                                       "queues to come back",
                                       sending->answer.what));
    return;
  }
  timer_->at(Deadline::after(kRetryEvery), [weak = weak_from_this(), sending] {
    const auto self = weak.lock();
    if (!self) return;
    --self->waiting_;
    self->publish(sending, Deadline(Deadline::Clock::now()));  // the timer's thread never waits
  });
}

}  // namespace gantry::rabbit
