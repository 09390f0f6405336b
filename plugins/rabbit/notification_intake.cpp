// SPDX-License-Identifier: Apache-2.0
#include "notification_intake.hpp"

#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "listener.hpp"
#include "reception.hpp"
#include "tcp.hpp"

namespace gantry::rabbit {
namespace {

class IncomingNotification final : public IncomingMessage {
 public:
  IncomingNotification(Message message, Facts facts, std::uint64_t serial,
                       std::shared_ptr<SettlementPort> port)
      : IncomingMessage(std::move(message), std::move(facts)),
        serial_(serial),
        port_(std::move(port)) {}
  ~IncomingNotification() override {
    if (!settled_) settle(true);
  }

  void acknowledge() noexcept override { settle(false); }
  void requeue() noexcept override { settle(true); }
  void reply(Reply) noexcept override {}
  void heartbeat() noexcept override {}

 private:
  void settle(bool requeue) noexcept {
    if (settled_.exchange(true)) return;
    try {
      port_->settle(serial_, requeue);
    } catch (const std::exception& error) {
      log(LogLevel::error, fmt::format("rabbit: a notification was not settled, so it will come "
                                       "again: {}",
                                       error.what()));
    }
  }

  const std::uint64_t serial_;
  const std::shared_ptr<SettlementPort> port_;
  std::atomic<bool> settled_ = false;
};

}  // namespace

void SettlementPort::open(NotificationIntake& intake, ConsumingListener& listener) {
  const std::lock_guard lock(mutex_);
  intake_ = &intake;
  listener_ = &listener;
}

void SettlementPort::close() {
  const std::lock_guard lock(mutex_);
  listener_ = nullptr;
}

void SettlementPort::settle(std::uint64_t serial, bool requeue) {
  const std::lock_guard lock(mutex_);
  if (listener_ == nullptr) return;
  listener_->post([intake = intake_, serial, requeue] { intake->settle(serial, requeue); });
}

Batch NotificationIntake::take(std::span<Delivery> deliveries, Session& session) {
  Batch batch;
  for (auto& delivery : deliveries) {
    try {
      make_readable(delivery, *settings_);
      if (auto message = receive(delivery)) batch.push_back(std::move(message));
    } catch (const SerializationError& error) {
      log_unreadable("notification", delivery, error);
      session.reject(delivery.tag, false);
    }
  }
  return batch;
}

// Null for one that was received before.
std::unique_ptr<IncomingMessage> NotificationIntake::receive(Delivery& delivery) {
  auto notification = wire::decode_notification(delivery.body);
  notification.message.headers = std::move(delivery.headers);
  auto& id = notification.unique_id;
  if (const auto known = serials_.find(id); known != serials_.end()) {
    auto& handled = in_progress_.at(known->second);
    handled.session = session_;
    handled.tag = delivery.tag;
    return nullptr;
  }
  if (!id.empty() && !recent_.remember(id)) {
    settled_.push_back({delivery.tag, false});
    return nullptr;
  }
  const auto serial = next_serial_++;
  if (!id.empty()) serials_.emplace(id, serial);
  IncomingMessage::Facts facts{.id = id, .redelivered = delivery.redelivered};
  in_progress_.emplace(serial, InProgress{std::move(id), session_, delivery.tag});
  return std::make_unique<IncomingNotification>(std::move(notification.message), std::move(facts),
                                                serial, port_);
}

void NotificationIntake::settle(std::uint64_t serial, bool requeue) {
  const auto found = in_progress_.extract(serial);
  if (!found) return;
  const auto& handled = found.mapped();
  serials_.erase(handled.id);
  if (requeue) recent_.forget(handled.id);
  if (handled.session == session_) settled_.push_back({handled.tag, requeue});
}

void NotificationIntake::flush(Session& session) {
  if (settled_.empty()) return;
  std::optional<Cork> cork;
  if (settled_.size() > 1) cork.emplace(session.socket());
  for (const auto& [tag, requeue] : std::exchange(settled_, {})) {
    if (requeue) {
      session.reject(tag, true);
    } else {
      session.acknowledge(tag, false);
    }
  }
}

void NotificationIntake::session_lost() {
  ++session_;
  settled_.clear();
}

}  // namespace gantry::rabbit
