// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gantry/error.hpp"
#include "gantry/notify/routing.hpp"
#include "noting_driver.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// The drivers that get a notification.
std::vector<std::string> routed(const RoutingTable& table, std::string event,
                                Priority priority = Priority::info) {
  test::Notes notes;
  RoutingNotifyDriver routing([&] { return table; }, test::note_to(notes));
  routing.notify({.event_type = std::move(event)}, priority, {}, Completion<void>());
  return notes.take_drivers();
}

bool accepts(const RoutingRules& rules, std::string event, Priority priority = Priority::info) {
  return !routed({{"group", {{"d", rules}}}}, std::move(event), priority).empty();
}

bool matches(std::string pattern, std::string event) {
  return accepts({.accepted_events = {{std::move(pattern)}}}, std::move(event));
}

TEST(Routing, ROUT_3_BothRulesHaveToAccept) {
  const RoutingRules rules{.accepted_events = {{"blah.*"}}, .accepted_priorities = {{"info"}}};
  EXPECT_TRUE(accepts(rules, "blah.1", Priority::info));
  EXPECT_FALSE(accepts(rules, "blah.1", Priority::warn));
  EXPECT_FALSE(accepts(rules, "foo.1", Priority::info));
}

TEST(Routing, ROUT_3_ARuleAcceptsByAnyOfItsPatterns) {
  const RoutingRules rules{.accepted_events = {{"foo.*", "blah.*"}}};
  EXPECT_TRUE(accepts(rules, "foo.1"));
  EXPECT_TRUE(accepts(rules, "blah.1"));
  EXPECT_FALSE(accepts(rules, "zing.1"));
}

TEST(Routing, ROUT_3_NoRulesAcceptAll) {
  for (const auto priority : kPriorities) EXPECT_TRUE(accepts({}, "anything", priority));
}

TEST(Routing, ROUT_4_ADriverOfSeveralGroupsIsCalledOnce) {
  const RoutingTable table{
      {"group_1", {{"rpc", {.accepted_events = {{"foo.*"}}}}}},
      {"group_2", {{"rpc", {.accepted_events = {{"foo.1"}}}}, {"other", {}}}},
      {"group_3", {{"rpc", {.accepted_events = {{"zing"}}}}}},
  };
  EXPECT_THAT(routed(table, "foo.1"), UnorderedElementsAre("rpc", "other"));
  EXPECT_THAT(routed(table, "foo.2"), UnorderedElementsAre("rpc", "other"));
  EXPECT_THAT(routed(table, "zing"), UnorderedElementsAre("rpc", "other"));
  EXPECT_THAT(routed(table, "none"), ElementsAre("other"));
}

TEST(Routing, ROUT_5_StarCrossesDots) {
  EXPECT_TRUE(matches("foo.*", "foo.1"));
  EXPECT_TRUE(matches("blah.zoo.*", "blah.zoo.zing"));
  EXPECT_TRUE(matches("blah.*", "blah.zoo.zing"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "a\nb"));
}

TEST(Routing, ROUT_5_APatternIsForTheWholeText) {
  EXPECT_FALSE(matches("foo.*", "foo"));
  EXPECT_FALSE(matches("foo.*", "a.foo.1"));
  EXPECT_FALSE(matches("foo", "foo.1"));
  EXPECT_FALSE(matches("foo.1", "fooX1"));
}

TEST(Routing, ROUT_5_EventsAreCaseSensitive) { EXPECT_FALSE(matches("Foo*", "foo.1")); }

TEST(Routing, ROUT_5_PrioritiesAreNot) {
  EXPECT_TRUE(accepts({.accepted_priorities = {{"INFO"}}}, "e", Priority::info));
  EXPECT_TRUE(accepts({.accepted_priorities = {{"W*"}}}, "e", Priority::warn));
  EXPECT_FALSE(accepts({.accepted_priorities = {{"W*"}}}, "e", Priority::info));
}

TEST(Routing, ROUT_5_AQuestionMarkIsOneCharacter) {
  EXPECT_TRUE(matches("foo.?", "foo.1"));
  EXPECT_TRUE(matches("?", "ä"));
  EXPECT_FALSE(matches("foo.?", "foo."));
  EXPECT_FALSE(matches("foo.?", "foo.12"));
}

TEST(Routing, ROUT_5_ASetIsOneOfItsCharacters) {
  EXPECT_TRUE(matches("foo.[ab]", "foo.b"));
  EXPECT_FALSE(matches("foo.[ab]", "foo.c"));
  EXPECT_TRUE(matches("foo.[!ab]", "foo.c"));
  EXPECT_FALSE(matches("foo.[!ab]", "foo.a"));
  EXPECT_TRUE(matches("foo.[0-9]", "foo.7"));
  EXPECT_TRUE(matches("[]a]", "]"));
  EXPECT_TRUE(matches("[!]a]", "b"));
  EXPECT_TRUE(matches("[^a]", "^")) << "as in Python, only ! negates";
}

TEST(Routing, ROUT_5_OtherCharactersAreThemselves) {
  EXPECT_TRUE(matches("a[b", "a[b"));
  EXPECT_TRUE(matches("(a|b)+\\d$", "(a|b)+\\d$"));
  EXPECT_TRUE(matches("[a\\]", "\\"));
  EXPECT_FALSE(matches("a|b", "a"));
}

TEST(Routing, ROUT_5_ManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "*b", std::string(10'000, 'a')));
}

TEST(Routing, ROUT_6_AnEmptyListAcceptsNothing) {
  EXPECT_FALSE(accepts({.accepted_events = {{}}}, "foo.1"));
  EXPECT_FALSE(accepts({.accepted_priorities = {{}}}, "foo.1"));
  EXPECT_FALSE(accepts({.accepted_events = {{"*"}}, .accepted_priorities = {{}}}, "foo.1"));
}

TEST(Routing, ROUT_9_WhatIsNoPatternIsNamed) {
  try {
    matches("foo.[z-a]", "foo.b");
    FAIL() << "it was taken";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'foo.[z-a]' is no pattern"));
  }
  EXPECT_THROW(check_routing_pattern("foo.[z-a]"), ConfigurationError);
  EXPECT_NO_THROW(check_routing_pattern("foo.[a-z]"));
}

}  // namespace
}  // namespace gantry
