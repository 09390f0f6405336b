// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/dedup.hpp"

#include <gtest/gtest.h>

namespace gantry {
namespace {

TEST(RecentIds, DRV_9_AnIdIsNewOnce) {
  RecentIds ids;
  EXPECT_TRUE(ids.remember("a"));
  EXPECT_FALSE(ids.remember("a"));
  EXPECT_TRUE(ids.remember("b"));
}

TEST(RecentIds, DRV_9_AMessageWithoutAnIdIsNeverADuplicate) {
  RecentIds ids;
  EXPECT_TRUE(ids.remember(""));
  EXPECT_TRUE(ids.remember(""));
}

TEST(RecentIds, DRV_9_TheLongestUnseenIsForgottenFirst) {
  RecentIds ids(3);
  for (const auto* id : {"a", "b", "c"}) ids.remember(id);
  EXPECT_FALSE(ids.remember("a"));  // seen again: the newest now
  EXPECT_TRUE(ids.remember("d"));   // b goes
  EXPECT_FALSE(ids.remember("a"));
  EXPECT_FALSE(ids.remember("c"));
  EXPECT_TRUE(ids.remember("b"));
}

TEST(RecentIds, DRV_9_AForgottenIdIsNewAgain) {
  RecentIds ids(2);
  ids.remember("a");
  ids.forget("a");
  ids.forget("never seen");
  EXPECT_TRUE(ids.remember("a"));
  EXPECT_TRUE(ids.remember("b"));
  EXPECT_FALSE(ids.remember("a"));
}

TEST(RecentIds, DRV_9_TenThousandAreRemembered) {
  RecentIds ids;
  for (std::size_t i = 0; i < RecentIds::kDepth; ++i) ids.remember(std::to_string(i));
  for (std::size_t i = 0; i < RecentIds::kDepth; ++i) {
    ASSERT_FALSE(ids.remember(std::to_string(i)));
  }
  ids.remember("one more");
  EXPECT_TRUE(ids.remember("0"));
}

TEST(RecentIds, DRV_9_AMemoryOfNoneRemembersNone) {
  RecentIds ids(0);
  EXPECT_TRUE(ids.remember("a"));
  EXPECT_TRUE(ids.remember("a"));
}

}  // namespace
}  // namespace gantry
