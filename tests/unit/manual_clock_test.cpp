// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/manual_clock.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <vector>

namespace gantry {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, FAKE_21_TimeStandsStillUntilItIsMoved) {
  ManualClock clock;
  const auto deadline = Deadline::after(1h);
  const auto start = Clock::now();
  EXPECT_EQ(Clock::now(), start);
  EXPECT_EQ(deadline.remaining(), 1h);
  clock.advance(1h);
  EXPECT_EQ(Clock::now(), start + 1h);
  EXPECT_TRUE(deadline.expired());
}

TEST(ManualClock, FAKE_21_TheClockRunsAgainAfterwards) {
  { ManualClock clock; }
  EXPECT_FALSE(Clock::is_manual());
  const auto before = Clock::now();
  while (Clock::now() == before) {
  }
}

// Each callback sees the time that it was set for, however far the clock is moved at once.
TEST(ManualClock, FAKE_21_TimeStopsAtEachCallbackOnItsWay) {
  ManualClock clock;
  const auto timer = Timer::shared();
  const auto start = Clock::now();
  std::vector<Clock::duration> seen;
  std::function<void()> tick = [&] {
    seen.push_back(Clock::now() - start);
    timer->at(Deadline::after(1s), tick);
  };
  const auto first = timer->at(Deadline::after(1s), tick);
  clock.advance(3500ms);
  EXPECT_EQ(seen, (std::vector<Clock::duration>{1s, 2s, 3s}));
  EXPECT_FALSE(timer->cancel(first));
}

TEST(ManualClock, FAKE_21_AThreadThatSleepsWakesAtItsDeadline) {
  ManualClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  const auto deadline = Deadline::after(1min);
  auto sleeper = std::async(std::launch::async, [&] {
    std::unique_lock lock(mutex);
    return deadline.wait(changed, lock, [] { return false; });
  });
  clock.advance(1min);
  EXPECT_FALSE(sleeper.get());
}

TEST(ManualClock, FAKE_21_AWaitBegunUnderIsServedByTheRealClockAfterwards) {
  std::mutex mutex;
  std::condition_variable changed;
  std::future<bool> sleeper;
  {
    ManualClock clock;
    const auto deadline = Deadline::after(1ms);
    sleeper = std::async(std::launch::async, [&, deadline] {
      std::unique_lock lock(mutex);
      return deadline.wait(changed, lock, [] { return false; });
    });
  }
  EXPECT_FALSE(sleeper.get());
}

}  // namespace
}  // namespace gantry
