// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gantry/options.hpp"

namespace gantry {
namespace {

constexpr std::string_view kKnown[] = {"fake", "kafka", "kombu", "rabbit", "heartbeat_rate"};

TEST(NearestName, FindsSlipsOfThePen) {
  EXPECT_EQ(nearest_name("rabit", kKnown), "rabbit");  // left out
  EXPECT_EQ(nearest_name("kafak", kKnown), "kafka");   // swapped
  EXPECT_EQ(nearest_name("kombi", kKnown), "kombu");   // another
  EXPECT_EQ(nearest_name("fakee", kKnown), "fake");    // one too many
  EXPECT_EQ(nearest_name("hartbeet_rat", kKnown), "heartbeat_rate");
}

TEST(NearestName, PrefersTheNearer) {
  constexpr std::string_view known[] = {"kombucha", "kombu", "komb"};
  EXPECT_EQ(nearest_name("kombuu", known), "kombu");
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("zeromq", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("fake", {}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace gantry
