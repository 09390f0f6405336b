// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <condition_variable>
#include <mutex>

#include "gantry/clock.hpp"

namespace gantry {

// A point on the monotonic clock by which an operation has ended. A timeout becomes a deadline
// where it enters the library, and that one deadline is handed down through every wait, so nested
// waits never add up. The default is "never", an ordinary value that compares later than every
// other.
class Deadline {
 public:
  using Clock = gantry::Clock;

  constexpr Deadline() = default;
  constexpr explicit Deadline(Clock::time_point at) : at_(at) {}

  // From now. A timeout too large for the clock is "never"; a negative one has passed already.
  static Deadline after(std::chrono::nanoseconds timeout) {
    const auto now = Clock::now();
    if (timeout >= Clock::time_point::max() - now) return {};
    return Deadline(now + timeout);
  }

  constexpr bool is_never() const { return at_ == Clock::time_point::max(); }
  bool expired() const { return !is_never() && Clock::now() >= at_; }
  constexpr Clock::time_point at() const { return at_; }

  // What is left, never negative; the clock's largest duration for "never".
  Clock::duration remaining() const {
    if (is_never()) return Clock::duration::max();
    return std::max(at_ - Clock::now(), Clock::duration::zero());
  }

  // Waits until `ready()` holds or the deadline has passed; tells which: true is ready.
  template <class Ready>
  bool wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Ready ready) const {
    while (!ready()) {
      if (expired()) return false;
      if (is_never()) {
        changed.wait(lock);
      } else if (Clock::is_manual()) {
        const detail::Sleeper sleeper(at_, changed);
        if (!expired()) changed.wait(lock);
      } else {
        changed.wait_until(lock, at_);
      }
    }
    return true;
  }

  friend constexpr auto operator<=>(const Deadline&, const Deadline&) = default;

 private:
  Clock::time_point at_ = Clock::time_point::max();
};

inline constexpr Deadline never{};

}  // namespace gantry
