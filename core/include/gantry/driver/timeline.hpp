// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <optional>

#include "gantry/clock.hpp"

namespace gantry {

// The stages that a send goes through, in order. Those a driver cannot see are left out.
enum class Stage {
  accepted,   // the driver has the operation
  connected,  // a connection to the broker stands
  blocked,    // the broker told publishers to wait (an alarm)
  sent,       // the whole message was written
  confirmed,  // the broker has it
  handling,   // a heartbeat has shown that a handler runs
  replied,    // the reply is here
};
inline constexpr std::size_t kStages = 7;

// When each stage of one operation was reached. Written by the driver, read by anyone, at any time.
// [any]
class Timeline {
 public:
  using Clock = gantry::Clock;

  void reach(Stage stage) noexcept {
    at_[index(stage)].store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    auto seen = furthest_.load(std::memory_order_relaxed);
    while (seen < stage && !furthest_.compare_exchange_weak(seen, stage)) {
    }
  }
  Stage furthest() const noexcept { return furthest_.load(std::memory_order_relaxed); }
  std::optional<Clock::time_point> at(Stage stage) const noexcept {
    const auto ticks = at_[index(stage)].load(std::memory_order_relaxed);
    if (ticks == 0) return std::nullopt;
    return Clock::time_point(Clock::duration(ticks));
  }

 private:
  static constexpr std::size_t index(Stage stage) { return static_cast<std::size_t>(stage); }

  std::array<std::atomic<Clock::rep>, kStages> at_{};
  std::atomic<Stage> furthest_{Stage::accepted};
};

}  // namespace gantry
