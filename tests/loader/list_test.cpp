// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "plugin_files.hpp"

namespace gantry {
namespace {

using testing::HasSubstr;
using State = DriverInfo::State;

using List = Loader;

TEST_F(List, AnAvailableDriverComesWithItsDescription) {
  folder_.add("good");
  const auto drivers = manager().list();
  ASSERT_EQ(drivers.size(), 1U);
  const auto& good = drivers.front();
  EXPECT_EQ(good.name, "good");
  EXPECT_EQ(good.file, folder_.file("good"));
  EXPECT_EQ(good.found_by, "configuration");
  EXPECT_EQ(good.state, State::available);
  EXPECT_EQ(good.reason, "");
  ASSERT_NE(good.descriptor, nullptr);
  EXPECT_EQ(good.descriptor->schemes, "good fine");
  EXPECT_EQ(good.descriptor->options.size(), 2U);
}

TEST_F(List, PLUG_2_RefusedFilesAreListedWithTheReasonAndNoneOfTheirCodeRuns) {
  folder_.add("empty", Bytes());
  for (const auto* plugin : {"no_entry", "old_abi", "other_build", "undefined_symbol"}) {
    folder_.add(plugin);
  }
  fs::permissions(folder_.add("good"), fs::perms(0666));
  fs::create_symlink("nowhere", folder_.file("dangling"));

  const auto drivers = manager().list();
  EXPECT_FALSE(code_ran());
  std::vector<std::string> names;
  for (const auto& driver : drivers) {
    names.push_back(driver.name);
    EXPECT_EQ(driver.state, State::refused) << driver.name;
    EXPECT_EQ(driver.descriptor, nullptr) << driver.name;
    EXPECT_NE(driver.reason, "") << driver.name;
  }
  EXPECT_THAT(names, testing::ElementsAre("dangling", "empty", "good", "no_entry", "old_abi",
                                          "other_build", "undefined_symbol"));
}

TEST_F(List, WhatAnEarlierDirectoryHasIsShadowedAndNotOpened) {
  const PluginFolder second;
  fs::permissions(folder_.add("good"), fs::perms(0666));  // refused, and still the first
  second.add("good");
  const auto drivers = DriverManager({.plugin_path = {folder_.path(), second.path()}}).list();
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].state, State::refused);
  EXPECT_EQ(drivers[1].state, State::shadowed);
  EXPECT_EQ(drivers[1].reason, "shadowed by " + folder_.file("good").native());
  EXPECT_EQ(drivers[1].descriptor, nullptr);
  EXPECT_FALSE(code_ran());
}

TEST_F(List, DriversOfTheProgramComeFirstAndShadowFiles) {
  folder_.add("good");
  static constexpr DriverDescriptor kLinked = {.schemes = "linked good"};
  auto manager = this->manager();
  manager.add(kLinked);
  const auto drivers = manager.list();
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].name, "linked");
  EXPECT_EQ(drivers[0].found_by, "program");
  EXPECT_EQ(drivers[0].descriptor, &kLinked);
  EXPECT_EQ(drivers[1].state, State::shadowed);
}

TEST_F(List, OtherFilesAreNoDrivers) {
  for (const auto* name : {"libgantry.so", "gantry_driver_.so", "gantry_driver_x.so.1", "README"}) {
    std::ofstream(folder_.path() / name) << "text";
  }
  EXPECT_TRUE(manager().list().empty());
}

TEST_F(List, ADirectoryThatIsNotThereHoldsNothing) {
  EXPECT_TRUE(DriverManager({.plugin_path = {"/nonexistent/drivers"}}).list().empty());
}

}  // namespace
}  // namespace gantry
