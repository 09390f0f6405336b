// SPDX-License-Identifier: Apache-2.0
#include "incoming.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "gantry/kit/passage.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"

namespace gantry::fake {
namespace {

using namespace std::chrono_literals;

// Runs what may throw in a verb that must not.
template <class Action>
void logged(const char* what, Action action) noexcept try {
  action();
} catch (const std::exception& error) {
  log(LogLevel::error, std::string(what) + " failed: " + error.what());
}

// Completes the call on this thread. Nobody waits any more where the caller's driver is gone.
void tell(const std::weak_ptr<ReplyWaiter>& waiting, wire::ReplyBody&& reply) {
  if (const auto caller = waiting.lock()) caller->deliver(std::move(reply));
}

// Where an acknowledgement gets lost the message comes again.
void acknowledge(const Receipt& receipt, const Delivery& delivery) {
  if (!receipt.faults || !receipt.faults->loses_acknowledgement()) return;
  auto again = copy_of(delivery);
  again.repeats = true;
  receipt.broker.requeue(std::move(again));
}

// Acknowledged before it was handed up, as every driver does: it runs at most once.
class Request final : public IncomingMessage {
 public:
  Request(Message&& message, Facts&& facts, std::weak_ptr<ReplyWaiter> caller,
          std::shared_ptr<Faults> faults)
      : IncomingMessage(std::move(message), std::move(facts)),
        caller_(std::move(caller)),
        faults_(std::move(faults)) {}

  void acknowledge() noexcept override {}
  void requeue() noexcept override {}

  void reply(Reply reply) noexcept override {
    if (!facts().wants_reply || answered_.exchange(true)) return;
    logged("a reply", [&] { send(wire::pass(std::move(reply), facts().id)); });
  }

  void heartbeat() noexcept override {
    if (!facts().monitor || answered_) return;
    logged("a heartbeat", [&] { send({.msg_id = facts().id, .unique_id = wire::new_id()}); });
  }

 private:
  void send(wire::ReplyBody&& reply) const {
    if (!faults_) return tell(caller_, std::move(reply));
    const auto fate = faults_->next_reply();
    if (fate.lost) return;
    const auto arrival = [caller = caller_, reply = std::move(reply)] {
      logged("a reply", [&] { tell(caller, wire::ReplyBody(reply)); });
    };
    faults_->line().send(arrival);
    if (fate.twice) faults_->line().send(arrival);
  }

  const std::weak_ptr<ReplyWaiter> caller_;
  const std::shared_ptr<Faults> faults_;
  std::atomic<bool> answered_ = false;
};

class Notification final : public IncomingMessage {
 public:
  Notification(Message message, Facts facts, Receipt receipt, Delivery delivery)
      : IncomingMessage(std::move(message), std::move(facts)),
        receipt_(std::move(receipt)),
        delivery_(std::move(delivery)) {
    delivery_.repeats = false;  // whoever requeues it wants to see it again
  }
  ~Notification() override { requeue(); }  // unless it is settled

  void acknowledge() noexcept override {
    if (settled_.exchange(true)) return;
    logged("an acknowledgement", [&] { fake::acknowledge(receipt_, delivery_); });
  }
  void requeue() noexcept override {
    if (settled_.exchange(true)) return;
    logged("to requeue a notification", [&] { receipt_.broker.requeue(std::move(delivery_)); });
  }
  void reply(Reply) noexcept override {}
  void heartbeat() noexcept override {}

 private:
  const Receipt receipt_;
  Delivery delivery_;
  std::atomic<bool> settled_ = false;
};

}  // namespace

std::unique_ptr<IncomingMessage> make_request(const Receipt& receipt, Delivery&& delivery) {
  const auto& parcel = *delivery.parcel;
  IncomingMessage::Facts facts{.id = parcel.is_call ? parcel.id : std::string(),
                               .wants_reply = parcel.is_call,
                               .monitor = parcel.monitor > 0ms ? parcel.monitor : std::nullopt,
                               .deadline = parcel.expires,
                               .redelivered = delivery.redelivered};
  acknowledge(receipt, delivery);
  return std::make_unique<Request>(std::move(*delivery.request), std::move(facts), parcel.replies,
                                   receipt.faults);
}

std::unique_ptr<IncomingMessage> make_notification(const Receipt& receipt, Delivery&& delivery) {
  auto notification = wire::decode_notification(delivery.parcel->body);
  notification.message.headers = delivery.parcel->headers;
  IncomingMessage::Facts facts{.id = std::move(notification.unique_id),
                               .redelivered = delivery.redelivered};
  return std::make_unique<Notification>(std::move(notification.message), std::move(facts), receipt,
                                        std::move(delivery));
}

}  // namespace gantry::fake
