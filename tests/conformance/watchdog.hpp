// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "gantry/deadline.hpp"

namespace gantry::conformance {

// Calls `hung`, on a thread of its own, when what is watched has not ended in time.
class Watchdog {
 public:
  Watchdog(std::chrono::milliseconds limit, std::function<void()> hung);

  void watch();    // from now
  void unwatch();  // it has ended; waits for `hung` where that runs

 private:
  void run(const std::stop_token& stop);

  const std::chrono::milliseconds limit_;
  const std::function<void()> hung_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Deadline due_ = never;  // guarded by mutex_
  std::jthread thread_;   // last: it uses the others
};

}  // namespace gantry::conformance
