// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "broker.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/batch.hpp"
#include "gantry/kit/passage.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/kit/routing.hpp"
#include "gantry/kit/wire.hpp"
#include "incoming.hpp"
#include "listener.hpp"
#include "publisher.hpp"

namespace gantry::fake {
namespace {

// A call's part at the sender, in one piece of memory with what its copies share.
struct Call {
  Parcel parcel{};
  Timeline timeline{};  // where the caller has none
};

// Null where the sender has none.
Timeline* begin(const SendOptions& options) {
  if (options.timeline) options.timeline->reach(Stage::accepted);
  return options.timeline.get();
}

Delivery delivery_of(Parcel parcel) {
  return {.parcel = std::make_shared<const Parcel>(std::move(parcel))};
}

// Requests do not leave the process, so neither need their ids be unique beyond it. Short, they lie
// within their strings.
std::string request_id() {
  static constinit std::atomic<std::uint64_t> made{0};
  return std::to_string(made.fetch_add(1, std::memory_order_relaxed) + 1);
}

std::string method_of(const Message& message) {
  const auto* const method = message.body.if_contains("method");
  return method != nullptr && method->is_string() ? std::string(method->get_string()) : "";
}

class FakeDriver final : public BaseDriver {
 public:
  explicit FakeDriver(const DriverContext& context)
      : broker_(Broker::named(
            context.url.hosts.empty() ? "" : context.url.hosts.front().hostname.value_or(""))),
        default_exchange_(context.default_exchange),
        faults_(Faults::from(context.options)),
        dedup_(context.options.get<bool>("dedup")),
        ledger_(context.ledger) {
    replies_->set_diagnosis(
        [&broker = broker_](std::string_view id) { return broker.whereabouts(id); });
  }

  // Messages under way may hold the waiter a moment longer, but not the calls.
  ~FakeDriver() override {
    replies_->fail_all(std::make_exception_ptr(TransportClosed("the transport was closed")));
  }

  const Features& features() const noexcept override { return kFeatures; }

  // Nothing can fail later than in here, so what is thrown tells the caller.
  void send(const Target& target, Message message, const SendOptions& options,
            Completion<void>&& done) override {
    auto* const timeline = begin(options);
    const bool mandatory = !target.is_fanout() || options.at_least_once;
    auto delivery = delivery_of({.id = request_id()});
    delivery.request = std::make_unique<Message>(wire::pass(std::move(message)));
    publisher_.publish(send_address(target, default_exchange_), std::move(delivery), mandatory,
                       timeline);
    done.succeed();
  }

  void call(const Target& target, Message message, const CallOptions& options,
            Completion<Value>&& done) override {
    const auto call = std::make_shared<Call>();
    call->parcel = {.id = request_id(),
                    .is_call = true,
                    .monitor = options.monitor,
                    .expires = options.deadline,
                    .replies = replies_};
    const auto& id = call->parcel.id;
    const std::shared_ptr<Timeline> own(call, &call->timeline);
    const auto& timeline = options.timeline ? options.timeline : own;
    timeline->reach(Stage::accepted);
    auto method = method_of(message);
    Delivery delivery{.parcel = {call, &call->parcel},
                      .request = std::make_unique<Message>(wire::pass(std::move(message))),
                      .caller_waits = options.caller_waits};
    replies_->add(id, {.done = std::move(done),
                       .deadline = options.deadline,
                       .monitor = options.monitor,
                       .given_up = options.given_up,
                       .timeline = timeline,
                       .method = std::move(method),
                       .target = target,
                       .reply_queue = reply_queue_});
    try {
      publisher_.publish(send_address(target, default_exchange_), std::move(delivery), true,
                         timeline.get());
    } catch (...) {
      replies_->fail(id, std::current_exception());
    }
  }

  void send_notification(const Target& target, Message message, Envelope envelope,
                         const SendOptions& options, Completion<void>&& done) override {
    auto* const timeline = begin(options);
    auto id = wire::new_id();
    auto body = wire::encode_notification(message, id, envelope);
    publisher_.store(
        topic_address(target, target.topic.value_or("")),
        delivery_of(
            {.body = std::move(body), .headers = std::move(message.headers), .id = std::move(id)}),
        timeline);
    done.succeed();
  }

  std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                   Deadline) override {
    check_batch(batch);
    auto consumer = broker_.listen(listen_addresses(target, default_exchange_));
    return listener(std::move(consumer), make_request, batch);
  }

  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription> subscriptions,
                                                     std::string_view pool,
                                                     const BatchOptions& batch, Deadline) override {
    check_batch(batch);
    std::vector<Address> topics;
    for (const auto& [target, priority] : subscriptions) {
      topics.push_back(topic_address(target, target.topic.value_or("") + '.' + priority));
    }
    auto consumer = broker_.listen_for_notifications(topics, pool);
    return listener(std::move(consumer), make_notification, batch);
  }

 private:
  // Of a notification only exchange and topic count.
  Address topic_address(const Target& target, std::string topic) const {
    return {Address::Reach::topic, exchange_of(target, default_exchange_), std::move(topic)};
  }

  std::unique_ptr<Listener> listener(std::unique_ptr<Consumer> consumer, Decode decode,
                                     const BatchOptions& batch) const {
    return make_listener({.consumer = std::move(consumer),
                          .decode = decode,
                          .receipt = {broker_, faults_},
                          .batch = batch,
                          .dedup = dedup_,
                          .ledger = ledger_});
  }

  Broker& broker_;
  const std::string default_exchange_;
  const std::shared_ptr<Faults> faults_;  // shared with listeners and messages; null: none
  const bool dedup_;
  const std::shared_ptr<Ledger> ledger_;
  const Publisher publisher_{broker_, faults_};
  const std::string reply_queue_ = "reply_" + request_id();
  // Shared with the messages under way, which answer to it.
  const std::shared_ptr<ReplyWaiter> replies_ = std::make_shared<ReplyWaiter>(ledger_);
};

}  // namespace

std::unique_ptr<BaseDriver> create(const DriverContext& context) {
  return std::make_unique<FakeDriver>(context);
}

}  // namespace gantry::fake
