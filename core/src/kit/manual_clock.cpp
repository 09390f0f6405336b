// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/manual_clock.hpp"

#include <algorithm>
#include <thread>

namespace gantry {
namespace {

// A thread may be between its look at the clock and its sleep, where a notification is lost: so
// they are notified until they have gone.
void wake(Clock::time_point now) {
  while (detail::Sleeper::wake(now)) std::this_thread::yield();
}

}  // namespace

ManualClock::ManualClock() : timer_(Timer::shared()) { stop_at(std::chrono::steady_clock::now()); }

ManualClock::~ManualClock() {
  Clock::stopped_at_ = Clock::kRuns;
  wake(Clock::time_point::max());
}

void ManualClock::advance(std::chrono::nanoseconds by) {
  const auto target = Clock::now() + by;
  timer_->settle();
  for (auto next = detail::Sleeper::earliest(); next <= target;
       next = detail::Sleeper::earliest()) {
    stop_at(std::max(next, Clock::now()));
  }
  stop_at(target);
}

void ManualClock::stop_at(Clock::time_point now) {
  Clock::stopped_at_ = now.time_since_epoch().count();
  wake(now);
  timer_->settle();
}

}  // namespace gantry
