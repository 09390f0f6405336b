// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/filter.hpp"

#include <gtest/gtest.h>

#include "gantry/error.hpp"

namespace gantry {
namespace {

const Notification kEvent{.event_type = "compute.instance.create",
                          .payload = {{"state", "active"},
                                      {"count", 3},
                                      {"ready", true},
                                      {"roles", {"admin", 7}},
                                      {"nothing", nullptr},
                                      {"nested", {{"a", 1}}}},
                          .publisher_id = "compute.host-1",
                          .priority = "INFO",
                          .message_id = "1234",
                          .timestamp = "2026-01-31 12:00:00",
                          .context = {{"user", "ada"}}};

bool matches(const FilterRules& rules, const Notification& event = kEvent) {
  return NotificationFilter(rules).matches(event);
}

TEST(NotificationFilter, FLT_1_AllThatIsGivenHasToFit) {
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({.publisher_id = "compute\\..*"}));
  EXPECT_FALSE(matches({.publisher_id = "network"}));
  EXPECT_TRUE(matches({.event_type = "compute"}));
  EXPECT_FALSE(matches({.event_type = "instance"}));
  EXPECT_TRUE(matches({.context = {{"user", "ada"}}}));
  EXPECT_FALSE(matches({.context = {{"user", "bob"}}}));
  EXPECT_TRUE(matches({.metadata = {{"message_id", "12"}, {"timestamp", "2026"}}}));
  EXPECT_FALSE(matches({.metadata = {{"timestamp", "2025"}}}));
  EXPECT_TRUE(matches({.payload = {{"state", "act"}}}));
  EXPECT_FALSE(matches({.publisher_id = "compute", .payload = {{"state", "error"}}}));
}

TEST(NotificationFilter, FLT_2_AnExpressionIsAnchoredAtTheStartOnly) {
  EXPECT_TRUE(matches({.payload = {{"state", "act"}}}));
  EXPECT_FALSE(matches({.payload = {{"state", "tive"}}}));
  EXPECT_FALSE(matches({.payload = {{"state", "act$"}}}));
}

TEST(NotificationFilter, FLT_3_OtherTypesMatchAsJsonAndListsByAnyElement) {
  EXPECT_FALSE(matches({.payload = {{"missing", ".*"}}}));
  EXPECT_FALSE(matches({.payload = {{"nothing", ".*"}}}));
  EXPECT_FALSE(matches({.payload = {{"nested", ".*"}}}));
  EXPECT_TRUE(matches({.payload = {{"count", "3$"}}}));
  EXPECT_TRUE(matches({.payload = {{"ready", "true$"}}}));
  EXPECT_TRUE(matches({.payload = {{"roles", "admin"}}}));
  EXPECT_TRUE(matches({.payload = {{"roles", "7$"}}}));
  EXPECT_FALSE(matches({.payload = {{"roles", "private"}}}));
}

TEST(NotificationFilter, FLT_4_APayloadThatIsNoObjectDoesNotFit) {
  for (const Value& payload : {Value(5), Value(nullptr), Value("state"), Value{"state"}}) {
    auto event = kEvent;
    event.payload = payload;
    EXPECT_FALSE(matches({.payload = {{"state", ".*"}}}, event));
    EXPECT_TRUE(matches({.event_type = "compute"}, event));
  }
}

TEST(NotificationFilter, FLT_5_ABadExpressionIsRefusedByName) {
  try {
    NotificationFilter({.payload = {{"state", "("}}});
    FAIL() << "it was taken";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("payload.state"), std::string::npos) << error.what();
  }
}

TEST(NotificationFilter, FLT_7_AnExpressionThatBacktracksTakesLinearTime) {
  auto event = kEvent;
  event.payload = {{"text", std::string(10'000, 'a') + '!'}};
  EXPECT_FALSE(matches({.payload = {{"text", "(a+)+$"}}}, event));
}

}  // namespace
}  // namespace gantry
