// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/timer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "gantry/kit/manual_clock.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

TEST(Timer, RPLY_6_CallbacksRunInTheOrderOfTheirDeadlinesAndNotBefore) {
  ManualClock clock;
  const auto timer = Timer::shared();
  std::vector<int> order;
  for (const int i : {3, 1, 2})
    timer->at(Deadline::after(i * 10ms), [&, i] { order.push_back(i); });
  clock.advance(29ms);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  clock.advance(1ms);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Timer, RPLY_6_TheRealClockServesToo) {
  Timer timer;
  std::promise<void> done;
  const auto start = Clock::now();
  timer.at(Deadline(start + 10ms), [&] { done.set_value(); });
  done.get_future().wait();
  EXPECT_GE(Clock::now() - start, 10ms);
}

TEST(Timer, RPLY_2_ACancelledCallbackDoesNotRun) {
  ManualClock clock;
  const auto timer = Timer::shared();
  bool ran = false;
  const auto id = timer->at(Deadline::after(20ms), [&] { ran = true; });
  EXPECT_TRUE(timer->cancel(id));
  EXPECT_FALSE(timer->cancel(id));
  clock.advance(1h);
  EXPECT_FALSE(ran);
}

TEST(Timer, DISP_18_OneTimerServesTheProcessAndEndsWithItsLastUser) {
  const auto mine = Timer::shared();
  EXPECT_EQ(Timer::shared(), mine);
  EXPECT_EQ(mine.use_count(), 1);
}

TEST(Timer, DISP_18_TheLastUserMayBeACallback) {
  for (int i = 0; i < 3; ++i) {
    std::promise<void> gone;
    auto user = std::make_shared<std::shared_ptr<Timer>>(Timer::shared());
    auto& timer = **user;
    timer.at(Deadline::after(1ms), [&gone, user = std::move(user)] {
      user->reset();
      gone.set_value();
    });
    gone.get_future().wait();
  }
  EXPECT_EQ(Timer::shared().use_count(), 1);
}

TEST(Timer, DISP_18_ACallbackMayScheduleTheNext) {
  Timer timer;
  std::promise<void> done;
  timer.at(Deadline::after(1ms),
           [&] { timer.at(Deadline::after(1ms), [&] { done.set_value(); }); });
  done.get_future().wait();
}

}  // namespace
}  // namespace gantry
