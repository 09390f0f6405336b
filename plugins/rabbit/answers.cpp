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

bool Answers::can_carry(const Answer& answer) const noexcept {
  return answer.body.size() <= settings_->max_message_bytes;
}

void Answers::send(Answer answer) {
  if (dead_.contains(answer.queue))
    return lost(answer, fmt::format("its queue {} is gone", printable(answer.queue)));
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
       .on_doubt = OnDoubt::resend,  // a caller takes the first reply to its id and drops a second
       .timeline = std::make_shared<Timeline>()},
      timer_, [self = shared_from_this(), sending](Fate fate, const std::exception_ptr& error) {
        self->ended(sending, fate, error);
      });
  senders_->submit(publish, room_by);
}

void Answers::ended(const SendingPtr& sending, Fate fate, const std::exception_ptr& error) {
  const auto& answer = sending->answer;
  if (fate == Fate::accepted || fate == Fate::closed) return;
  if (fate == Fate::returned && answer.retried) {
    if (!sending->missing_until.expired()) return try_later(sending);
    dead_.add(answer.queue);
  }
  lost(answer, text_of(error));
}

void Answers::lost(const Answer& answer, std::string_view why) const {
  if (answer.retried) settings_->ledger->count(Mishap::lost_reply);
  settings_->ledger->warn(Mishap::lost_reply,
                          fmt::format("rabbit: {} was not delivered: {}", answer.what, why));
}

void Answers::try_later(const SendingPtr& sending) {
  if (++waiting_ > kMostWaiting) {
    --waiting_;
    return lost(sending->answer, "too many replies wait for their queues to come back");
  }
  timer_->at(Deadline::after(kRetryEvery), [weak = weak_from_this(), sending] {
    const auto self = weak.lock();
    if (!self) return;
    --self->waiting_;
    self->publish(sending, Deadline(Deadline::Clock::now()));  // the timer's thread never waits
  });
}

}  // namespace gantry::rabbit
