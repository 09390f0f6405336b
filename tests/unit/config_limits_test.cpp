// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gantry/config.hpp"

namespace gantry {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The problems, a line each; the texts here are no proper configurations, so there always are some.
std::string problems(std::string_view text) {
  std::string lines;
  for (const auto& problem : parse_config(text, "bus.yaml").problems) lines += problem.str() + '\n';
  return lines;
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(ConfigLimits, WhatIsNotYamlIsTheOnlyProblem) {
  EXPECT_THAT(problems("transports: {a: [}"), HasSubstr("bus.yaml:1:18: not YAML: "));
  EXPECT_THAT(problems("a: b: c"), HasSubstr("not YAML: "));
  EXPECT_THAT(problems("a: *nobody"), HasSubstr("not YAML: "));
}

TEST(ConfigLimits, TagsAreRefused) {
  for (const std::string text : {"!!str x", "!mine {a: b}", "!!python/object/apply:os.system [x]",
                                 "!!binary aGFsbG8=", "!!set {a, b}"}) {
    EXPECT_THAT(problems("transports: " + text), HasSubstr("tags are not taken")) << text;
  }
}

TEST(ConfigLimits, KeysAreText) {
  for (const auto* text : {"{[a]: b}", "{{a: b}: c}", "? \n: x", "~: x"}) {
    EXPECT_THAT(problems(text), HasSubstr("a key has to be text")) << text;
  }
}

TEST(ConfigLimits, ThereIsOneDocument) {
  EXPECT_THAT(problems("--- {}\n--- {}\n"), HasSubstr("bus.yaml:2:1: there may be only one"));
}

TEST(ConfigLimits, TheTextIsUtf8) {
  EXPECT_THAT(problems("transports: \xff"), HasSubstr("not UTF-8"));
  EXPECT_THAT(problems(std::string("\xff\xfe{\0}\0", 6)), HasSubstr("not UTF-8"));
}

TEST(ConfigLimits, MergeKeysAreKeysLikeOthers) {
  EXPECT_THAT(problems("transports: {a: &a {url: 'fake:'}, b: {<<: *a}}"),
              HasSubstr("transports.b.<<: unknown key"));
}

TEST(ConfigLimits, AliasesAreExpanded) {
  const auto report = parse_config(
      "transports: {a: {url: 'fake:', options: &o {x: 1}}, b: {url: 'fake:', options: *o}}", "f");
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(report.config.transport("b").options[0].text, "1");
}

TEST(ConfigLimits, AnAliasOfWhatContainsItIsRefused) {
  EXPECT_THAT(problems("a: &a {b: *a}"), HasSubstr("an alias of what contains it"));
}

TEST(ConfigLimits, SEC_8_AFileHasAtMost1MiB) {
  const std::string comment = "#" + std::string(1024 * 1024 - 1, 'x');
  EXPECT_THAT(problems(comment), Not(HasSubstr("1 MiB")));
  EXPECT_THAT(problems(comment + 'x'), HasSubstr("larger than 1 MiB"));
}

TEST(ConfigLimits, SEC_8_NestingIsAtMost32Deep) {
  const auto nested = [](std::size_t depth) { return repeated("[", depth) + repeated("]", depth); };
  EXPECT_THAT(problems(nested(32)), Not(HasSubstr("deeper than 32")));
  EXPECT_THAT(problems(nested(33)), HasSubstr("deeper than 32"));
  EXPECT_THAT(problems(repeated("- ", 100'000)), HasSubstr("deeper than 32"));
  EXPECT_THAT(problems(repeated("{a: ", 32) + repeated("[", 100'000)), Not(IsEmpty()));
  EXPECT_THAT(problems(repeated("[", 500'000)), Not(IsEmpty()));
}

TEST(ConfigLimits, SEC_8_NestingCountsThroughAliases) {
  const auto half = repeated("[", 17) + repeated("]", 17);
  const auto with_alias = [&](std::size_t depth) {
    return "[&a " + half + ", " + repeated("[", depth) + "*a" + repeated("]", depth) + ']';
  };
  EXPECT_THAT(problems(with_alias(14)), Not(HasSubstr("deeper than 32")));
  EXPECT_THAT(problems(with_alias(15)), HasSubstr("deeper than 32"));
}

TEST(ConfigLimits, SEC_8_ThereAreAtMost100000Nodes) {
  const auto list = [](std::size_t nodes) { return '[' + repeated("x,", nodes - 1) + ']'; };
  EXPECT_THAT(problems(list(100'000)), Not(HasSubstr("100000 nodes")));
  EXPECT_THAT(problems(list(100'001)), HasSubstr("100000 nodes"));
}

TEST(ConfigLimits, SEC_8_AnAliasBombIsRefused) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    const auto last = "*a" + std::to_string(i - 1) + ',';
    const auto name = 'a' + std::to_string(i);
    bomb += name + ": &" + name + " [" + repeated(last, 10) + "]\n";
  }
  EXPECT_THAT(problems(bomb), HasSubstr("100000 nodes"));
}

TEST(ConfigLimits, SEC_8_ManyAliasesOfALongTextAreRefused) {
  EXPECT_THAT(problems("[&a " + std::string(500'000, 'x') + repeated(",*a", 50'000) + ']'),
              HasSubstr("1 MiB, aliases expanded"));
  EXPECT_THAT(
      problems("[&a {? " + std::string(500'000, 'x') + " : 1}" + repeated(",*a", 50'000) + ']'),
      HasSubstr("1 MiB, aliases expanded"));
}

}  // namespace
}  // namespace gantry
