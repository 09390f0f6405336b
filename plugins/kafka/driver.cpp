// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "gantry/kit/routing.hpp"
#include "gantry/log.hpp"
#include "names.hpp"
#include "notification_listener.hpp"
#include "record.hpp"
#include "rpc_listener.hpp"

namespace gantry::kafka {
namespace {

class OutgoingSend final : public Outgoing {
 public:
  OutgoingSend(Content&& content, Completion<void>&& done)
      : Outgoing(std::move(content)), done_(std::move(done)) {}

 private:
  void ended(Fate, const std::exception_ptr& error) override {
    if (error) return done_.fail(error);
    done_.succeed();
  }

  Completion<void> done_;
};

class OutgoingCall final : public Outgoing {
 public:
  OutgoingCall(Content&& content, std::shared_ptr<ReplyWaiter> waiter, std::string id)
      : Outgoing(std::move(content)), waiter_(std::move(waiter)), id_(std::move(id)) {}

 private:
  // In doubt the reply may still come, and the waiter keeps the deadline.
  void ended(Fate fate, const std::exception_ptr& error) override {
    const bool undecided = fate == Fate::in_doubt || fate == Fate::expired;
    if (error && !undecided) waiter_->fail(id_, error);
  }

  const std::shared_ptr<ReplyWaiter> waiter_;
  const std::string id_;
};

std::string_view text_member(const Object& body, std::string_view name) {
  const auto* const value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

std::vector<Outgoing::RecordHeader> record_headers(const Headers& headers) {
  std::vector<Outgoing::RecordHeader> made;
  for (const auto& [name, value] : headers) {
    if (name.starts_with(header::kOwn))
      throw InvalidArgument(
          fmt::format("the header {} is the driver's own: names that begin with "
                      "'{}' cannot be used",
                      printable(name), header::kOwn));
    made.emplace_back(name, value);
  }
  return made;
}

void check_size(const Outgoing::Content& content, const Settings& settings) {
  if (content.body.size() <= settings.max_message_bytes) return;
  throw InvalidArgument(fmt::format(
      "{} is {} bytes long, and max_message_bytes allows {}: send less, or raise that here and the "
      "broker's message.max.bytes",
      content.what, content.body.size(), settings.max_message_bytes));
}

std::string milliseconds_left(Deadline deadline) {
  using std::chrono::milliseconds;
  return std::to_string(std::chrono::ceil<milliseconds>(deadline.remaining()).count());
}

}  // namespace

Driver::Driver(Settings settings)
    : settings_(std::make_shared<const Settings>(std::move(settings))),
      timer_(Timer::shared()),
      producer_(std::make_shared<Producer>(settings_)),
      directory_(settings_),
      reply_topic_(topics_.of({.name = reply_topic(settings_->rpc_prefix),
                               .partitions = settings_->reply_partitions,
                               .longest_record = settings_->longest_record()})),
      answers_(std::make_shared<Answers>(settings_, producer_, reply_topic_, timer_)),
      order_(std::make_shared<CastOrder>()),
      handled_(std::make_shared<SharedIds>()),
      waiter_(std::make_shared<ReplyWaiter>(settings_->ledger)),
      replies_(std::make_shared<Replies>(settings_, reply_topic_, waiter_)) {}

// What was posted may still go out; whoever waits for an answer is told.
Driver::~Driver() {
  waiter_->fail_all(std::make_exception_ptr(TransportClosed("the transport was closed")));
  producer_->stop();
  replies_->stop();
}

void Driver::send(const Target& target, Message message, const SendOptions& options,
                  Completion<void>&& done) {
  auto content = request("cast", target, message, options, {.unique_id = wire::new_id()});
  content.stored = [order = order_, topic = content.topic](const StoredAt& where) {
    order->stored(topic, where);
  };
  submit(std::move(content), std::move(done));
}

void Driver::call(const Target& target, Message message, const CallOptions& options,
                  Completion<Value>&& done) {
  const wire::RequestIds ids{
      .msg_id = wire::new_id(),
      .reply_q = fmt::format("{}/{}", reply_topic_->name(), replies_->client()),
      .unique_id = wire::new_id(),
      .monitor = options.monitor};
  const std::string method(text_member(message.body, "method"));
  auto content = request("call", target, message, options, ids);
  if (!content.timeline) content.timeline = std::make_shared<Timeline>();
  content.needs.push_back(replies_);
  content.headers.emplace_back(header::kCorrelation, ids.msg_id);
  content.complete = [replies = replies_.get(), deadline = options.deadline](auto& headers) {
    headers.emplace_back(header::kReplyTo, replies->address().str());
    if (!deadline.is_never())
      headers.emplace_back(header::kTimeToLive, milliseconds_left(deadline));
  };
  waiter_->add(ids.msg_id, {.done = std::move(done),
                            .deadline = options.deadline,
                            .monitor = options.monitor,
                            .given_up = options.given_up,
                            .timeline = content.timeline,
                            .method = method,
                            .target = target,
                            .reply_queue = ids.reply_q});
  const auto call = std::make_shared<OutgoingCall>(std::move(content), waiter_, ids.msg_id);
  producer_->submit(call, options.deadline);
}

void Driver::send_notification(const Target& target, Message message, Envelope,
                               const SendOptions& options, Completion<void>&& done) {
  const auto publisher = text_member(message.body, "publisher_id");
  const auto id = text_member(message.body, "message_id");
  Outgoing::Content content{.what = "notification to " + target.str(),
                            .topic = notification_topic(target.topic.value_or("")),
                            .body = wire::encode_notification_record(message),
                            .unique_id = id.empty() ? wire::new_id() : std::string(id),
                            .headers = record_headers(message.headers),
                            .deadline = options.deadline,
                            .retry = options.retry,
                            .on_doubt = options.on_doubt,
                            .timeline = options.timeline};
  check_topic(content.topic);
  content.needs.push_back(
      topics_.of({.name = content.topic, .longest_record = settings_->longest_record()}));
  if (settings_->partition_by_publisher) content.order_key = publisher;
  if (settings_->key_is_publisher) content.key = publisher;
  check_size(content, *settings_);
  submit(std::move(content), std::move(done));
}

std::unique_ptr<Listener> Driver::listen(const Target& target, const BatchOptions& batch,
                                         Deadline deadline) {
  auto listener = std::make_unique<RpcListener>(settings_, target, answers_, handled_, batch);
  listener->subscribe(deadline);
  return listener;
}

std::unique_ptr<Listener> Driver::listen_for_notifications(
    std::span<const Subscription> subscriptions, std::string_view pool, const BatchOptions& batch,
    Deadline deadline) {
  auto listener = std::make_unique<NotificationListener>(settings_, pool, batch);
  listener->subscribe(subscriptions, deadline);
  return listener;
}

Outgoing::Content Driver::request(std::string_view verb, const Target& target, Message& message,
                                  const SendOptions& options, const wire::RequestIds& ids) {
  const auto address = send_address(target, settings_->default_exchange);
  auto where = rpc_address(address, settings_->rpc_prefix);
  Outgoing::Content content{
      .what = fmt::format("{} '{}' to {}", verb, text_member(message.body, "method"), target.str()),
      .topic = where.topic,
      .body = wire::encode_request(message, ids),
      .unique_id = ids.unique_id,
      .headers = record_headers(message.headers),
      .nobody_is_fine = address.reach == Address::Reach::fanout,
      .deadline = options.deadline,
      .retry = options.retry,
      .on_doubt = options.on_doubt,
      .timeline = options.timeline};
  if (!where.group.empty()) content.needs.push_back(directory_.of(address, where));
  content.needs.push_back(topics_.of({.name = where.topic, .create = false}));
  if (address.reach != Address::Reach::topic) {
    content.partition = 0;
  } else if (auto after = order_->after(where.topic); !after.empty()) {
    content.headers.emplace_back(header::kAfter, std::move(after));
  }
  if (address.reach == Address::Reach::server)
    content.headers.emplace_back(header::kReceiver, receiver_of(address));
  check_size(content, *settings_);
  return content;
}

// With the virtual host, as oslo.messaging's notifier has it.
std::string Driver::notification_topic(std::string_view topic) const {
  const auto& host = settings_->virtual_host;
  return host.empty() ? std::string(topic) : fmt::format("{}.{}", topic, host);
}

void Driver::submit(Outgoing::Content&& content, Completion<void>&& done) {
  const auto outgoing = std::make_shared<OutgoingSend>(std::move(content), std::move(done));
  Outgoing::limit(outgoing, timer_);
  producer_->submit(outgoing, outgoing->content().deadline);
}

std::unique_ptr<BaseDriver> make_driver(const DriverContext& context) {
  return std::make_unique<Driver>(Settings::from(context));
}

}  // namespace gantry::kafka
