// SPDX-License-Identifier: Apache-2.0
#include "replies.hpp"

#include <fmt/format.h>

#include <utility>

#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "reception.hpp"

namespace gantry::rabbit {
namespace {
constexpr const char* kConsumerTag = "1";
}  // namespace

Replies::Replies(const Settings& settings, Senders& senders, ReplyWaiter& waiter,
                 const std::string& suffix)
    : settings_(settings),
      senders_(senders),
      waiter_(waiter),
      subscription_(reply_subscription(settings.topology, suffix)),
      connection_(settings, *this) {}

Replies::~Replies() { connection_.stop(); }

void Replies::submit(const PublishPtr& request) {
  {
    std::unique_lock lock(mutex_);
    if (!ready_ && last_failure_ && !request->another_attempt()) {
      const auto error = not_sent_error(*request, last_failure_);
      lock.unlock();
      return request->end(Fate::not_sent, error);
    }
    if (!ready_) held_back_.push_back(request);
    if (!ready_) return want();
  }
  senders_.submit(request, request->content().deadline);
}

void Replies::want() {
  connection_.post([this] { wanted_ = true; });
}

void Replies::opened(Session& session) {
  if (settings_.prefetch > 0) session.set_prefetch(settings_.prefetch);
  subscribe(session);
  queue_gone_ = false;
  last_good_ = 0;
  bad_.clear();
  std::vector<PublishPtr> requests;
  {
    const std::lock_guard lock(mutex_);
    ready_ = true;
    last_failure_ = nullptr;
    requests.swap(held_back_);
  }
  for (const auto& request : requests) senders_.submit(request, request->content().deadline);
}

void Replies::subscribe(Session& session) {
  session.declare(subscription_, Session::kMessages);
  session.consume(queue(), kConsumerTag,
                  consumer_arguments(subscription_.queue, settings_.topology));
}

// Servers send their replies again while the queue is missing, so it comes back first. What was in
// it is lost, and nobody can say whose that was: the calls under way end now, not at their
// deadlines.
void Replies::restore(Session& session) {
  log(LogLevel::warning,
      fmt::format("rabbit: the reply queue {} was deleted; it is declared again, "
                  "and the calls under way fail",
                  queue()));
  queue_gone_ = false;
  subscribe(session);
  waiter_.lose_replies();
}

// Replies are acknowledged when their callers have them, all of a round at once.
void Replies::turn(Session& session) {
  if (queue_gone_) restore(session);
  for (const auto tag : std::exchange(bad_, {})) session.reject(tag, false);
  if (last_good_ != 0) session.acknowledge(std::exchange(last_good_, 0), true);
}

void Replies::on_delivery(Delivery delivery) {
  try {
    make_readable(delivery, settings_);
    waiter_.deliver(wire::decode_reply(delivery.body));
    last_good_ = delivery.tag;
  } catch (const MessagingException& error) {
    note_unreadable("reply", delivery, queue(), error, *settings_.ledger);
    bad_.push_back(delivery.tag);
  }
}

void Replies::attempt_failed(const std::exception_ptr& error, bool final) {
  std::vector<PublishPtr> ended;
  {
    const std::lock_guard lock(mutex_);
    last_failure_ = final ? nullptr : error;
    std::vector<PublishPtr> staying;
    for (auto& request : held_back_) {
      const bool stays = !final && !request->over() && request->another_attempt();
      (stays ? staying : ended).push_back(std::move(request));
    }
    held_back_.swap(staying);
    wanted_ = ready_ || !held_back_.empty();
    if (!wanted_) last_failure_ = nullptr;  // no attempt follows before the next call
  }
  for (const auto& request : ended) {
    if (final) {
      request->end(Fate::rejected, error);
    } else {
      request->end(Fate::not_sent, not_sent_error(*request, error));
    }
  }
}

void Replies::closed() {
  std::vector<PublishPtr> requests;
  {
    const std::lock_guard lock(mutex_);
    requests.swap(held_back_);
  }
  const auto error = std::make_exception_ptr(TransportClosed("the transport was closed"));
  for (const auto& request : requests) request->end(Fate::closed, error);
}

}  // namespace gantry::rabbit
