// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "gantry/clock.hpp"
#include "gantry/export.hpp"
#include "gantry/kit/timer.hpp"

namespace gantry {

// Stops the process's clock for a test, which then moves it by hand: timeouts, call monitors and
// batch windows without waiting for them (FAKE-21). One at a time; made before what waits.
//
//   gantry::ManualClock clock;
//   auto call = client.prepare({.timeout = 60s}).call_async("slow");
//   clock.advance(60s);
//   EXPECT_THROW(call.get(), gantry::MessagingTimeout);
class GANTRY_API ManualClock {
 public:
  ManualClock();
  ManualClock(const ManualClock&) = delete;
  ManualClock& operator=(const ManualClock&) = delete;
  ~ManualClock();  // the clock runs again; whoever sleeps goes on sleeping by it

  // Moves time on, with a stop at each instant for which a thread or a callback of the process's
  // Timer waits on the way. On return every callback that was due has run, in order, and every
  // thread whose time came has woken. Not while holding a lock that such a thread needs.
  void advance(std::chrono::nanoseconds by);

 private:
  void stop_at(Clock::time_point now);

  const std::shared_ptr<Timer> timer_;
};

}  // namespace gantry
