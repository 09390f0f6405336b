// SPDX-License-Identifier: Apache-2.0
#include "gantry/version.hpp"

#include <gtest/gtest.h>

#include "gantry/error.hpp"

namespace gantry {
namespace {

TEST(Version, VER_1_NothingImplementedServesAnythingAndNothingRequestedIsServedByNobodyElse) {
  EXPECT_TRUE(compatible(std::nullopt, "1.0"));
  EXPECT_TRUE(compatible(std::nullopt, std::nullopt));
  EXPECT_FALSE(compatible("1.0", std::nullopt));
}

TEST(Version, VER_2_MajorIsEqualAndTheRestIsNotNewer) {
  struct Row {
    const char* implemented;
    const char* requested;
    bool served;
  };
  constexpr Row rows[] = {
      {"1.23", "1.23", true},      {"1.24", "1.23", true},     {"1.22", "1.23", false},
      {"2.23", "1.23", false},     {"1.23", "2.23", false},    {"1.23", "1.23.1", false},
      {"1.23.1", "1.23.2", false}, {"1.23.2", "1.23.1", true}, {"1.24", "1.23.1", true},
      {"1.23.0", "1.23", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(compatible(row.implemented, row.requested), row.served)
        << row.implemented << " serves " << row.requested;
  }
}

TEST(Version, VER_3_AnythingButTwoOrThreeDecimalsIsInvalid) {
  for (const auto* text :
       {"5", "5.a", "5.5.a", "1.2.3.4", "-1.2", "", "1.", ".1", "1. 2", "+1.2"}) {
    EXPECT_THROW(Version::parse(text), InvalidVersion) << text;
  }
}

}  // namespace
}  // namespace gantry
