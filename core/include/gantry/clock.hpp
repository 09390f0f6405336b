// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>

#include "gantry/export.hpp"

namespace gantry {

// The clock of all deadlines: the monotonic one, unless a ManualClock (kit/manual_clock.hpp) has
// stopped it for a test. [any thread]
class GANTRY_API Clock {
 public:
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  static time_point now() noexcept {
    const auto stopped = stopped_at_.load(std::memory_order_acquire);
    if (stopped == kRuns) return std::chrono::steady_clock::now();
    return time_point(duration(stopped));
  }
  static bool is_manual() noexcept { return stopped_at_.load(std::memory_order_acquire) != kRuns; }

 private:
  friend class ManualClock;
  static constexpr rep kRuns = std::numeric_limits<rep>::min();
  static std::atomic<rep> stopped_at_;
};

namespace detail {

// A thread that waits for a point in time while the clock is manual. Made by Deadline::wait.
class GANTRY_API Sleeper {
 public:
  Sleeper(Clock::time_point until, std::condition_variable& changed);
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper();

  // When the first of all sleepers is to wake; time_point::max() when nobody sleeps.
  static Clock::time_point earliest();
  // Notifies those whose time has come; false: there is none.
  static bool wake(Clock::time_point now);

 private:
  const Clock::time_point until_;
  std::condition_variable& changed_;
  Sleeper* next_;
  Sleeper** link_;  // what points at this one
};

}  // namespace detail
}  // namespace gantry
