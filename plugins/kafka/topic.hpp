// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "precondition.hpp"

namespace gantry::kafka {

inline constexpr int kBrokersDefault = -1;

// A topic that has to exist.
class Topic final : public Precondition {
 public:
  struct Plan {
    std::string name;
    bool create = true;                // where it is missing; else it is EntityNotFound
    int partitions = kBrokersDefault;  // of one that is created, as the next
    bool broker_sets_time = false;     // message.timestamp.type=LogAppendTime
    std::size_t longest_record = 0;    // max.message.bytes; 0: the broker's default
  };

  explicit Topic(Plan plan) : plan_(std::move(plan)) {}

  bool holds() const noexcept override { return partitions_ > 0; }
  void doubt() noexcept override { partitions_ = 0; }
  void establish(rd_kafka_t* client, std::chrono::milliseconds limit) override;

  const std::string& name() const noexcept { return plan_.name; }
  int partitions() const noexcept { return partitions_; }  // 0 as long as it is not known

 private:
  bool look_up(rd_kafka_t* client, std::chrono::milliseconds limit);
  void await_leaders(rd_kafka_t* client, int partitions, std::chrono::milliseconds limit) const;
  void create(rd_kafka_t* client, std::chrono::milliseconds limit) const;

  const Plan plan_;
  std::atomic<int> partitions_ = 0;
};

// The topics that a driver has asked about. For any thread.
class Topics {
 public:
  std::shared_ptr<Topic> of(const Topic::Plan& plan);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Topic>, std::less<>> topics_;  // guarded by mutex_
};

}  // namespace gantry::kafka
