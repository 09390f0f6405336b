// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"

namespace gantry::rabbit {

// Reply queues that were found gone, remembered for a while so that no further reply to them costs
// anything. For any thread.
class DeadQueues {
 public:
  static constexpr std::size_t kMost = 200;
  static constexpr std::chrono::seconds kMemory{60};

  void add(std::string name);
  bool contains(std::string_view name);

 private:
  struct Entry {
    std::string name;
    Deadline until;
  };
  void forget_old();

  std::mutex mutex_;
  std::deque<Entry> oldest_first_;  // guarded by mutex_
};

}  // namespace gantry::rabbit
