// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "consumers.hpp"
#include "gantry/kit/routing.hpp"
#include "gantry/kit/wire.hpp"
#include "limits.hpp"
#include "listener.hpp"
#include "notification_listener.hpp"
#include "rpc_intake.hpp"

namespace gantry::rabbit {
namespace {

std::shared_ptr<Timeline> timeline_of(const SendOptions& options) {
  return options.timeline ? options.timeline : std::make_shared<Timeline>();
}

std::string method_of(const Message& message) {
  const auto* method = message.body.if_contains("method");
  return method != nullptr && method->is_string() ? std::string(method->get_string()) : "";
}

std::string describe(std::string_view verb, const Message& message, const Target& target) {
  return fmt::format("{} '{}' to {}", verb, method_of(message), target.str());
}

}  // namespace

Driver::Driver(Settings settings)
    : settings_(std::make_shared<const Settings>(std::move(settings))),
      timer_(Timer::shared()),
      senders_(std::make_shared<Senders>(settings_)),
      answers_(std::make_shared<Answers>(settings_, senders_, timer_)),
      handled_(std::make_shared<SharedIds>()),
      waiter_(std::make_shared<ReplyWaiter>(settings_->ledger)) {}

// What was posted may still go out; whoever waits for an answer is told.
Driver::~Driver() {
  waiter_->fail_all(std::make_exception_ptr(TransportClosed("the transport was closed")));
  senders_->stop();
  replies_.reset();
}

void Driver::send(const Target& target, Message message, const SendOptions& options,
                  Completion<void>&& done) {
  auto content = request("cast", target, message, options, {.unique_id = wire::new_id()});
  content.mandatory = options.at_least_once || (settings_->cast_mandatory && !target.is_fanout());
  submit(std::move(content), std::move(done));
}

void Driver::call(const Target& target, Message message, const CallOptions& options,
                  Completion<Value>&& done) {
  auto& replies = this->replies(options.deadline);
  const wire::RequestIds ids{.msg_id = wire::new_id(),
                             .reply_q = replies.queue(),
                             .unique_id = wire::new_id(),
                             .monitor = options.monitor};
  auto content = request("call", target, message, options, ids);
  content.mandatory = true;
  content.expires = true;
  waiter_->add(ids.msg_id, {.done = std::move(done),
                            .deadline = options.deadline,
                            .monitor = options.monitor,
                            .given_up = options.given_up,
                            .timeline = content.timeline,
                            .method = method_of(message),
                            .target = target,
                            .reply_queue = ids.reply_q});
  const auto ended = [waiter = waiter_, id = ids.msg_id](Fate fate,
                                                         const std::exception_ptr& error) {
    // In doubt the reply may still come, and the waiter keeps the deadline.
    const bool undecided = fate == Fate::in_doubt || fate == Fate::expired;
    if (error && !undecided) waiter->fail(id, error);
  };
  replies.submit(std::make_shared<Publish>(std::move(content), ended));
}

void Driver::send_notification(const Target& target, Message message, Envelope envelope,
                               const SendOptions& options, Completion<void>&& done) {
  const auto topic = target.topic.value_or("");
  auto exchange = exchange_of(target, settings_->default_exchange);
  Publish::Content content{.what = fmt::format("notification to {}", target.str()),
                           .needs = Publish::Needs::queue,
                           .exchange = exchange,
                           .routing_key = topic,
                           .unique_id = wire::new_id(),
                           .headers = std::move(message.headers),
                           .mandatory = true,
                           .deadline = options.deadline,
                           .retry = options.retry,
                           .on_doubt = options.on_doubt,
                           .timeline = timeline_of(options)};
  content.destination = stored_subscription(std::move(exchange), topic, "", settings_->topology);
  content.body = wire::encode_notification(message, content.unique_id, envelope);
  check_sendable(content, *settings_);
  compress(content.body, content.headers, settings_->compression);
  submit(std::move(content), std::move(done));
}

std::unique_ptr<Listener> Driver::listen(const Target& target, const BatchOptions& batch,
                                         Deadline deadline) {
  const auto& topology = settings_->topology;
  const auto suffix =
      topology.stream_fanout ? std::string() : queue_name_suffix(settings_->naming, deadline);
  const auto [topic, server, fanout] = listen_addresses(target, settings_->default_exchange);
  Subscriptions subscriptions{
      .what = fmt::format("listening on {}", target.str()),
      .bindings = {topic_subscription(topic, topology), topic_subscription(server, topology),
                   fanout_subscription(fanout, topology, suffix)}};
  // What others use, or the next run of this service, is left.
  if (!topology.stream_fanout && !settings_->naming.numbered)
    subscriptions.own_queues = {subscriptions.bindings.back().queue.name};
  auto listener = std::make_unique<ConsumingListener>(
      settings_, std::move(subscriptions),
      std::make_unique<RpcIntake>(settings_, answers_, handled_, Consumers::tag_of(3)), batch);
  listener->wait_subscribed(deadline);
  return listener;
}

std::unique_ptr<Listener> Driver::listen_for_notifications(
    std::span<const Subscription> subscriptions, std::string_view pool, const BatchOptions& batch,
    Deadline deadline) {
  return listen_notifications(settings_, subscriptions, pool, batch, deadline);
}

Publish::Content Driver::request(std::string_view verb, const Target& target, Message& message,
                                 const SendOptions& options, const wire::RequestIds& ids) const {
  auto address = send_address(target, settings_->default_exchange);
  const bool fanout = address.reach == Address::Reach::fanout;
  Publish::Content content{.what = describe(verb, message, target),
                           .needs = Publish::Needs::exchange,
                           .routing_key = fanout ? "" : address.name(),
                           .body = wire::encode_request(message, ids),
                           .unique_id = ids.unique_id,
                           .headers = std::move(message.headers),
                           .deadline = options.deadline,
                           .retry = options.retry,
                           .on_doubt = options.on_doubt,
                           .timeline = timeline_of(options)};
  content.one_queue = !fanout && settings_->topology.quorum;
  content.destination.exchange = fanout ? fanout_exchange(address.name(), settings_->topology)
                                        : topic_exchange(address.exchange, settings_->topology);
  content.exchange = content.destination.exchange.name;
  check_sendable(content, *settings_);
  compress(content.body, content.headers, settings_->compression);
  return content;
}

void Driver::submit(Publish::Content content, Completion<void> done) {
  content.timeline->reach(Stage::accepted);
  // A std::function holds the end of a publish, and that wants to be copied.
  auto told = std::make_shared<Completion<void>>(std::move(done));
  const auto deadline = content.deadline;
  const auto publish = Publish::limited(std::move(content), timer_,
                                        [told](Fate fate, const std::exception_ptr& error) {
                                          if (fate == Fate::accepted) return told->succeed();
                                          told->fail(error);
                                        });
  senders_->submit(publish, deadline);
}

// The name is found without the lock, since that may wait; a caller who was slower wastes one.
Replies& Driver::replies(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (replies_) return *replies_;
  lock.unlock();
  const auto suffix = queue_name_suffix(settings_->naming, deadline);
  lock.lock();
  if (!replies_) replies_ = std::make_unique<Replies>(*settings_, *senders_, *waiter_, suffix);
  return *replies_;
}

std::unique_ptr<BaseDriver> make_driver(const DriverContext& context) {
  return std::make_unique<Driver>(Settings::from(context));
}

}  // namespace gantry::rabbit
