// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "gantry/host/driver_manager.hpp"
#include "load.hpp"
#include "tally.hpp"

namespace gantry::faults {

// Servers that come and go while a load runs, each with a transport of its own, as another process
// would have: it knows nothing of what others have handled.
class Visitors {
 public:
  // All are borrowed.
  Visitors(DriverManager& drivers, const Load& load, Tally& tally);

  std::size_t visits() const noexcept { return visits_; }  // so far [any thread]

 private:
  void come_and_go(const std::stop_token& stop, int number);
  void visit(const std::stop_token& stop, int number);
  void wait(const std::stop_token& stop, std::chrono::milliseconds time);

  DriverManager& drivers_;
  const Load& load_;
  Tally& tally_;
  std::atomic<std::size_t> visits_ = 0;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace gantry::faults
