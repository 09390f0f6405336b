// SPDX-License-Identifier: Apache-2.0
#include "notification_intake.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
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

Batch NotificationIntake::take(std::span<Delivery> deliveries, const Consumers& consumers,
                               Session& session) {
  Batch batch;
  for (auto& delivery : deliveries) {
    try {
      make_readable(delivery, *settings_);
      if (auto message = receive(delivery)) batch.push_back(std::move(message));
    } catch (const SerializationError& error) {
      note_unreadable("notification", delivery, consumers.queue_of(delivery.queue_tag), error,
                      *settings_->ledger);
      session.reject(delivery.tag, false);
    }
  }
  return batch;
}

// Null for one that was received before. While that one is being handled, the broker has either
// brought it again on a new session, where it is settled from now on, or it was sent twice.
std::unique_ptr<IncomingMessage> NotificationIntake::receive(Delivery& delivery) {
  auto notification = wire::decode_notification(delivery.body);
  notification.message.headers = std::move(delivery.headers);
  auto& id = notification.unique_id;
  if (const auto known = serials_.find(id); known != serials_.end()) {
    settings_->ledger->count(Mishap::repeated);
    auto& handled = in_progress_.at(known->second);
    if (handled.session == session_) {
      settled_.push_back({delivery.tag, false});
    } else {
      handled.session = session_;
      handled.tag = delivery.tag;
      open_.insert(delivery.tag);
    }
    return nullptr;
  }
  if (!id.empty() && !recent_.remember(id)) {
    settings_->ledger->count(Mishap::repeated);
    settled_.push_back({delivery.tag, false});
    return nullptr;
  }
  const auto serial = next_serial_++;
  if (!id.empty()) serials_.emplace(id, serial);
  IncomingMessage::Facts facts{.id = id, .redelivered = delivery.redelivered};
  in_progress_.emplace(serial, InProgress{std::move(id), session_, delivery.tag, patience()});
  open_.insert(delivery.tag);
  return std::make_unique<IncomingNotification>(std::move(notification.message), std::move(facts),
                                                serial, port_);
}

void NotificationIntake::settle(std::uint64_t serial, bool requeue) {
  const auto found = in_progress_.extract(serial);
  if (!found) return;
  const auto& handled = found.mapped();
  serials_.erase(handled.id);
  if (requeue) recent_.forget(handled.id);
  if (handled.session != session_) return;
  open_.erase(handled.tag);
  settled_.push_back({handled.tag, requeue});
}

// The first of a quiet time is looked at when it is due, those that follow at most a tenth later.
Deadline NotificationIntake::patience() {
  const auto timeout = settings_->consumer_timeout;
  if (timeout.count() == 0) return never;
  const auto patience = Deadline::after(timeout / 2);
  next_look_ = std::min(next_look_, patience);
  return patience;
}

Deadline NotificationIntake::due() const { return in_progress_.empty() ? never : next_look_; }

// The broker closes the channel of a consumer that keeps a message for too long.
void NotificationIntake::warn_of_slow_handlers() {
  if (!due().expired()) return;
  const auto timeout = settings_->consumer_timeout;
  next_look_ = Deadline::after(std::max(timeout / 20, std::chrono::milliseconds(1)));
  for (auto& [serial, handled] : in_progress_) {
    if (!handled.patience.expired()) continue;
    handled.patience = never;
    log(LogLevel::warning,
        fmt::format("rabbit: the notification {} has been in its handler for {}, half of the "
                    "broker's consumer_timeout; after the other half it comes again to another "
                    "listener: let handlers end sooner, or raise that on both sides",
                    printable(handled.id), std::chrono::duration<double>(timeout / 2)));
  }
}

// What is older than all that is still open is acknowledged together, after what goes back: that
// would pass for acknowledged.
void NotificationIntake::flush(Session& session) {
  warn_of_slow_handlers();
  if (settled_.empty()) return;
  std::optional<Cork> cork;
  if (settled_.size() > 1) cork.emplace(session.socket());
  std::uint64_t together = 0;
  for (const auto& [tag, requeue] : std::exchange(settled_, {})) {
    if (requeue) {
      session.reject(tag, true);
    } else if (open_.empty() || tag < *open_.begin()) {
      together = std::max(together, tag);
    } else {
      session.acknowledge(tag, false);
    }
  }
  if (together != 0) session.acknowledge(together, true);
}

void NotificationIntake::session_lost() {
  ++session_;
  open_.clear();
  settled_.clear();
}

}  // namespace gantry::rabbit
