// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/kit/dedup.hpp"
#include "intake.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

class ConsumingListener;
class NotificationIntake;

// How messages, which any thread may settle at any time, reach the intake on its own thread while
// its connection lives.
class SettlementPort {
 public:
  void open(NotificationIntake& intake, ConsumingListener& listener);  // [owner]
  void close();  // [owner] what is settled later goes nowhere: the broker has it back anyway
  void settle(std::uint64_t serial, bool requeue);  // [any thread]

 private:
  std::mutex mutex_;
  NotificationIntake* intake_ = nullptr;  // guarded by mutex_, as the next
  ConsumingListener* listener_ = nullptr;
};

// Notifications: acknowledged after they were handled. One that the broker brings again while it is
// being handled, or after that, is not handled a second time.
class NotificationIntake final : public Intake {
 public:
  NotificationIntake(std::shared_ptr<const Settings> settings, std::shared_ptr<SettlementPort> port)
      : settings_(std::move(settings)), port_(std::move(port)) {}

  Batch take(std::span<Delivery> deliveries, const Consumers& consumers, Session& session) override;
  void flush(Session& session) override;
  void session_lost() override;
  Deadline due() const override;

  void settle(std::uint64_t serial, bool requeue);

 private:
  struct InProgress {
    std::string id;         // empty where the sender gave none
    std::uint64_t session;  // that the tag belongs to
    std::uint64_t tag;
    Deadline patience;  // when its handler is warned of; never: it was, or is not to be
  };
  struct Settled {
    std::uint64_t tag;
    bool requeue;
  };

  std::unique_ptr<IncomingMessage> receive(Delivery& delivery);
  Deadline patience();
  void warn_of_slow_handlers();

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<SettlementPort> port_;
  std::uint64_t session_ = 0;
  std::uint64_t next_serial_ = 0;
  std::unordered_map<std::uint64_t, InProgress> in_progress_;  // by serial
  std::unordered_map<std::string, std::uint64_t> serials_;     // of those in progress, by id
  std::set<std::uint64_t> open_;  // tags of this session that are not settled, of those taken
  std::vector<Settled> settled_;  // the broker does not know yet
  RecentIds recent_;
  Deadline next_look_ = never;  // at handlers that are slow
};

}  // namespace gantry::rabbit
