// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/retry.hpp"

#include <gtest/gtest.h>

namespace gantry {
namespace {

using namespace std::chrono_literals;

int attempts(int retry, int at_most) {
  Attempts left(retry);
  int made = 1;
  while (made < at_most && left.another()) ++made;
  return made;
}

TEST(Attempts, DRV_8_RetryCountsFurtherAttempts) {
  EXPECT_EQ(attempts(0, 100), 1);
  EXPECT_EQ(attempts(1, 100), 2);
  EXPECT_EQ(attempts(4, 100), 5);
  EXPECT_EQ(attempts(-1, 100), 100);
}

TEST(Backoff, GrowsByTheStepToItsLimitEachShortenedByAQuarterAtMost) {
  Backoff backoff({.first = 1000ms, .step = 2000ms, .most = 6000ms});
  for (const auto whole : {1000ms, 3000ms, 5000ms, 6000ms, 6000ms}) {
    const auto pause = backoff.next();
    EXPECT_LE(pause, whole);
    EXPECT_GE(pause, whole * 3 / 4);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 1000ms);
}

TEST(Backoff, TwoClientsDoNotComeBackInOneInstant) {
  Backoff a({.first = 30000ms, .step = 0ms, .most = 30000ms});
  Backoff b({.first = 30000ms, .step = 0ms, .most = 30000ms});
  int equal = 0;
  for (int i = 0; i < 50; ++i) equal += a.next() == b.next() ? 1 : 0;
  EXPECT_LT(equal, 50);
}

TEST(Backoff, ZeroIsNoPause) {
  Backoff backoff({.first = 0ms, .step = 0ms, .most = 0ms});
  EXPECT_EQ(backoff.next(), 0ms);
}

}  // namespace
}  // namespace gantry
