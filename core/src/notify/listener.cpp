// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/listener.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "../kit/message_server.hpp"
#include "dispatcher.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/batch.hpp"
#include "gantry/log.hpp"
#include "redeliveries.hpp"

namespace gantry {
namespace {

// Each target once, for each priority (NLSN-2).
std::vector<Subscription> subscriptions_of(const std::vector<Target>& targets,
                                           const std::vector<Priority>& priorities) {
  std::vector<Subscription> subscriptions;
  for (auto target = targets.begin(); target != targets.end(); ++target) {
    if (std::find(targets.begin(), target, *target) != target) continue;
    for (const auto priority : priorities) {
      subscriptions.push_back({*target, std::string(to_string(priority))});
    }
  }
  return subscriptions;
}

std::string id_of(const IncomingMessage& message) {
  const auto* const id = message.message().body.if_contains("message_id");
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : message.facts().id;
}

}  // namespace

class NotificationListener::Impl {
 public:
  Impl(Transport& transport, std::vector<Target> targets, ListenerOptions options)
      : transport_(transport),
        targets_(std::move(targets)),
        options_(std::move(options)),
        redeliveries_(options_.max_redeliveries),
        server_({.name = "the notification listener",
                 .ledger = transport.ledger(),
                 .listen = [this](Deadline deadline) { return listen(deadline); },
                 .serve = [this](Batch batch) { serve(std::move(batch)); },
                 .limits = worker_limits(
                     "listener",
                     options_.workers.value_or(transport.settings().executor_thread_pool_size),
                     options_.backlog),
                 .is_inline = is_inline_executor(options_.executor),
                 .unserved = Receipt::requeued,
                 .shutdown_timeout = options_.shutdown_timeout}) {
    check_batch(options_.batch);
    if (options_.allow_requeue && !transport.features().requeue) {
      throw UnsupportedFeature("the driver '" + transport.settings().url.driver() +
                               "' cannot requeue");
    }
  }

  MessageServer& server() { return server_; }
  void add(NotificationEndpoint endpoint) { endpoints_.push_back(std::move(endpoint)); }
  NotificationEndpoint& own_endpoint() { return own_endpoint_; }
  void wait() {
    server_.wait();
    redeliveries_.give_back_now();
  }

 private:
  std::unique_ptr<Listener> listen(Deadline deadline);
  void serve(Batch batch);
  void settle(std::unique_ptr<IncomingMessage> message, NotificationDispatcher::Verdict verdict);
  void lose(IncomingMessage& message, const std::string& why) const;

  Transport& transport_;
  const std::vector<Target> targets_;
  const ListenerOptions options_;
  std::vector<NotificationEndpoint> endpoints_{};
  NotificationEndpoint own_endpoint_{};
  std::optional<NotificationDispatcher> dispatcher_;  // made by each start
  Redeliveries redeliveries_;
  MessageServer server_;  // last: its handlers use the others
};

std::unique_ptr<Listener> NotificationListener::Impl::listen(Deadline deadline) try {
  auto endpoints = endpoints_;
  endpoints.push_back(own_endpoint_);
  dispatcher_.emplace(std::move(endpoints), options_.serializer);
  const auto subscriptions = subscriptions_of(targets_, dispatcher_->priorities());
  if (subscriptions.empty()) {
    throw InvalidArgument("a notification listener needs a target, and a function for a priority");
  }
  return transport_.listen_for_notifications(subscriptions, options_.pool, options_.batch,
                                             deadline);
} catch (const TransportDriverError&) {
  throw ServerListenError(targets_.front(), std::current_exception());
}

// In the order of arrival, whatever the order in which the endpoints saw them (NDSP-8).
void NotificationListener::Impl::serve(Batch batch) {
  std::vector<NotificationDispatcher::Delivery> deliveries;
  for (const auto& incoming : batch) {
    deliveries.push_back({incoming->message()});
    if (options_.resume) deliveries.back().handled_by = redeliveries_.handled_by(id_of(*incoming));
  }
  auto verdicts = dispatcher_->dispatch(std::move(deliveries));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    settle(std::move(batch[i]), std::move(verdicts[i]));
  }
}

void NotificationListener::Impl::settle(std::unique_ptr<IncomingMessage> message,
                                        NotificationDispatcher::Verdict verdict) {
  const auto id = id_of(*message);
  if (verdict.result == NotificationResult::handled) {
    if (options_.allow_requeue) redeliveries_.forget(id);
    message->acknowledge();
    transport_.ledger().count(Receipt::handled);
  } else if (verdict.result == NotificationResult::leave) {
    message.reset();  // unsettled, so it comes again
    transport_.ledger().count(Receipt::requeued);
  } else if (!options_.allow_requeue) {
    lose(*message, "its endpoint failed and allow_requeue is off");
  } else if (redeliveries_.give_back(message, id, std::move(verdict.handled_by))) {
    transport_.ledger().count(Receipt::requeued);
  } else {
    lose(*message, "it was delivered " + std::to_string(options_.max_redeliveries + 1) + " times");
  }
}

void NotificationListener::Impl::lose(IncomingMessage& message, const std::string& why) const {
  log(LogLevel::error, "the notification " + printable(id_of(message), 80) + " is lost: " + why);
  message.acknowledge();
  transport_.ledger().count(Receipt::dropped);
}

NotificationListener::NotificationListener(Transport& transport, std::vector<Target> targets,
                                           ListenerOptions options)
    : impl_(std::make_unique<Impl>(transport, std::move(targets), std::move(options))) {}
NotificationListener::NotificationListener(Transport& transport, std::vector<Target> targets,
                                           std::initializer_list<NotificationEndpoint> endpoints,
                                           ListenerOptions options)
    : NotificationListener(transport, std::move(targets), std::move(options)) {
  for (const auto& endpoint : endpoints) add(endpoint);
}
NotificationListener::~NotificationListener() = default;

NotificationListener& NotificationListener::add(NotificationEndpoint endpoint) {
  impl_->add(std::move(endpoint));
  return *this;
}
NotificationEndpoint& NotificationListener::own_endpoint() { return impl_->own_endpoint(); }
void NotificationListener::start(Deadline deadline) { impl_->server().start(deadline); }
void NotificationListener::stop() { impl_->server().stop(); }
void NotificationListener::wait() { impl_->wait(); }

}  // namespace gantry
