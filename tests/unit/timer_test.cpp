// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/timer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace gantry {
namespace {

using namespace std::chrono_literals;

TEST(Timer, RPLY_6_CallbacksRunInTheOrderOfTheirDeadlinesAndNotBefore) {
  Timer timer;
  std::vector<int> order;
  std::promise<void> done;
  const auto start = Deadline::Clock::now();
  timer.at(Deadline(start + 30ms), [&] {
    order.push_back(3);
    done.set_value();
  });
  timer.at(Deadline(start + 10ms), [&] { order.push_back(1); });
  timer.at(Deadline(start + 20ms), [&] { order.push_back(2); });
  done.get_future().wait();
  EXPECT_GE(Deadline::Clock::now() - start, 30ms);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Timer, RPLY_2_ACancelledCallbackDoesNotRun) {
  Timer timer;
  std::promise<void> later;
  bool ran = false;
  const auto id = timer.at(Deadline::after(20ms), [&] { ran = true; });
  timer.at(Deadline::after(40ms), [&] { later.set_value(); });
  EXPECT_TRUE(timer.cancel(id));
  EXPECT_FALSE(timer.cancel(id));
  later.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(Timer, DISP_18_OneTimerServesTheProcessAndEndsWithItsLastUser) {
  const auto mine = Timer::shared();
  EXPECT_EQ(Timer::shared(), mine);
  EXPECT_EQ(mine.use_count(), 1);
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
