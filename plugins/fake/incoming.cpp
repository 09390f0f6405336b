// SPDX-License-Identifier: Apache-2.0
#include "incoming.hpp"

#include <atomic>
#include <exception>
#include <string>
#include <utility>

#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"

namespace gantry::fake {
namespace {

// Runs what may throw in a verb that must not.
template <class Action>
void logged(const char* what, Action action) noexcept try {
  action();
} catch (const std::exception& error) {
  log(LogLevel::error, std::string(what) + " failed: " + error.what());
}

// Acknowledged before it was handed up, as every driver does: it runs at most once.
class Request final : public IncomingMessage {
 public:
  Request(Message message, Facts facts, std::weak_ptr<ReplyWaiter> caller)
      : IncomingMessage(std::move(message), std::move(facts)), caller_(std::move(caller)) {}

  void acknowledge() noexcept override {}
  void requeue() noexcept override {}

  void reply(Reply reply) noexcept override {
    if (!facts().wants_reply || answered_.exchange(true)) return;
    logged("a reply", [&] { tell(wire::encode_reply(reply, facts().id, wire::new_id())); });
  }

  void heartbeat() noexcept override {
    if (!facts().monitor || answered_) return;
    logged("a heartbeat", [&] { tell(wire::encode_heartbeat(facts().id, wire::new_id())); });
  }

 private:
  // Completes the call on this thread. Nobody waits any more where the caller's driver is gone.
  void tell(std::string_view body) const {
    if (const auto caller = caller_.lock()) caller->deliver(wire::decode_reply(body));
  }

  const std::weak_ptr<ReplyWaiter> caller_;
  std::atomic<bool> answered_ = false;
};

class Notification final : public IncomingMessage {
 public:
  Notification(Message message, Facts facts, Broker& broker, Delivery delivery)
      : IncomingMessage(std::move(message), std::move(facts)),
        broker_(broker),
        delivery_(std::move(delivery)) {}
  ~Notification() override { requeue(); }  // unless it is settled

  void acknowledge() noexcept override { settled_ = true; }
  void requeue() noexcept override {
    if (settled_.exchange(true)) return;
    logged("to requeue a notification", [&] { broker_.requeue(delivery_); });
  }
  void reply(Reply) noexcept override {}
  void heartbeat() noexcept override {}

 private:
  Broker& broker_;
  const Delivery delivery_;
  std::atomic<bool> settled_ = false;
};

}  // namespace

std::unique_ptr<IncomingMessage> make_request(Broker&, const Delivery& delivery) {
  auto request = wire::decode_request(*delivery.body);
  IncomingMessage::Facts facts{.id = request.ids.msg_id,
                               .wants_reply = request.ids.is_call(),
                               .monitor = request.ids.monitor,
                               .deadline = delivery.expires,
                               .redelivered = delivery.redelivered};
  return std::make_unique<Request>(std::move(request.message), std::move(facts), delivery.replies);
}

std::unique_ptr<IncomingMessage> make_notification(Broker& broker, const Delivery& delivery) {
  auto notification = wire::decode_notification(*delivery.body);
  IncomingMessage::Facts facts{.id = std::move(notification.unique_id),
                               .redelivered = delivery.redelivered};
  return std::make_unique<Notification>(std::move(notification.message), std::move(facts), broker,
                                        delivery);
}

}  // namespace gantry::fake
