// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstring>
#include <thread>

#include "gantry/transport_url.hpp"
#include "plugin_files.hpp"

namespace gantry {
namespace {

using testing::HasSubstr;

std::string sources(const DriverManager& manager) {
  std::string text;
  for (const auto& directory : manager.directories()) {
    text += directory.path.native() + " (" + directory.source + ")\n";
  }
  return text;
}

using Search = Loader;

TEST_F(Search, PLUG_35_TheVariableReplacesTheConfiguration) {
  const PluginFolder other;
  const Environment variable("GANTRY_PLUGIN_PATH", other.path().native() + "/::" + "/a/b");
  EXPECT_EQ(sources(manager()),
            other.path().native() + " (GANTRY_PLUGIN_PATH)\n/a/b (GANTRY_PLUGIN_PATH)\n");
}

TEST_F(Search, PLUG_35_TheConfigurationReplacesTheInstalledDirectory) {
  EXPECT_EQ(sources(manager()), folder_.path().native() + " (configuration)\n");
}

TEST_F(Search, PLUG_35_WithoutEitherTheInstalledDirectoryIsSearched) {
  const auto directories = DriverManager().directories();
  ASSERT_EQ(directories.size(), 1U);
  EXPECT_EQ(directories.front().source, "beside libgantry");
  const auto& path = directories.front().path;
  EXPECT_TRUE(path.is_absolute());
  EXPECT_EQ(path.filename(), "drivers");
  EXPECT_TRUE(fs::exists(path.parent_path().parent_path() / "libgantry.so")) << path;
}

TEST_F(Search, PLUG_35_AnEmptyVariableIsNoVariable) {
  const Environment variable("GANTRY_PLUGIN_PATH", "");
  EXPECT_EQ(sources(manager()), folder_.path().native() + " (configuration)\n");
}

TEST_F(Search, PLUG_35_RelativeEntriesAreIgnoredAndTheErrorSaysSo) {
  const Environment variable("GANTRY_PLUGIN_PATH", "drivers:./more");
  EXPECT_TRUE(manager().directories().empty());
  EXPECT_THAT(failure("good")->what(),
              HasSubstr("ignored: drivers (GANTRY_PLUGIN_PATH): not an absolute path"));
}

TEST_F(Search, PLUG_35_ADirectoryNamedTwiceCountsOnce) {
  const Environment variable("GANTRY_PLUGIN_PATH",
                             folder_.path().native() + ":" + folder_.path().native() + "/.");
  EXPECT_EQ(manager().directories().size(), 1U);
}

TEST_F(Search, TRN_4_NotFound_NamesTheNearestAllThatAreKnownAndWhereItLooked) {
  folder_.add("rabbit", Bytes());
  folder_.add("fake", Bytes());
  const DriverManager manager({.plugin_path = {folder_.path(), "/nonexistent/drivers"}});
  try {
    manager.find("rabit");
    FAIL() << "found";
  } catch (const DriverLoadFailure& error) {
    EXPECT_EQ(error.reason(), Reason::not_found);
    EXPECT_EQ(error.driver(), "rabit");
    EXPECT_EQ(error.what(),
              "no driver for scheme 'rabit'; did you mean 'rabbit'?\n"
              "  known: fake, rabbit\n"
              "  searched: " +
                  folder_.path().native() +
                  " (configuration)\n"
                  "  searched: /nonexistent/drivers (configuration): No such file or directory");
  }
}

TEST_F(Search, NotFound_WithNothingAnywhere) {
  const auto error = failure("good");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what(), "no driver for scheme 'good'\n  known: none\n  searched: " +
                               folder_.path().native() + " (configuration)");
}

TEST_F(Search, PLUG_35_ASchemeThatIsAPathLeadsNowhere) {
  folder_.add("good");
  fs::create_directory(folder_.path() / "gantry_driver_x");
  for (const auto* scheme : {"../good", "x/../gantry_driver_good", "x/../good", "", "/", "."}) {
    const auto error = failure(scheme);
    ASSERT_TRUE(error) << scheme;
    EXPECT_EQ(error->reason(), Reason::not_found) << scheme;
  }
}

TEST_F(Search, PLUG_31_AnAliasIsALinkAndGivesTheSameDriver) {
  folder_.add("good");
  fs::create_symlink("gantry_driver_good.so", folder_.file("fine"));
  const auto manager = this->manager();
  EXPECT_EQ(&manager.find("fine"), &manager.find("good"));
}

TEST_F(Search, TheSchemeUpToItsPlusNamesTheDriver) {
  folder_.add("good");
  const auto manager = this->manager();
  EXPECT_EQ(&manager.find("good+tls"), &manager.find("good"));
  EXPECT_EQ(failure("rabbit+tls")->driver(), "rabbit+tls");
}

TEST_F(Search, TheFirstDirectoryWinsEvenWithAFileThatIsRefused) {
  const PluginFolder second;
  second.add("good");
  folder_.add("good", Bytes());
  const DriverManager manager({.plugin_path = {folder_.path(), second.path()}});
  EXPECT_THROW(manager.find("good"), DriverLoadFailure);
}

TEST_F(Search, ADriverOfTheProgramComesFirst) {
  folder_.add("good");
  static constexpr DriverDescriptor kLinked = {.schemes = "good linked", .version = "9"};
  auto manager = this->manager();
  manager.add(kLinked);
  EXPECT_EQ(&manager.find("good"), &kLinked);
  EXPECT_EQ(&manager.find("linked"), &kLinked);
  EXPECT_FALSE(code_ran());
}

TEST_F(Search, PLUG_21_Duplicate_ASchemeIsRegisteredOnce) {
  static constexpr DriverDescriptor kFirst = {.schemes = "one two"};
  static constexpr DriverDescriptor kSecond = {.schemes = "three two"};
  auto manager = this->manager();
  manager.add(kFirst);
  try {
    manager.add(kSecond);
    FAIL() << "registered twice";
  } catch (const DriverLoadFailure& error) {
    EXPECT_EQ(error.reason(), Reason::duplicate);
    EXPECT_EQ(error.driver(), "two");
  }
  EXPECT_THROW(manager.find("three"), DriverLoadFailure);  // all or nothing
}

TEST_F(Search, PLUG_34_ManyThreadsGetOneDriver) {
  folder_.add("good");
  const auto manager = this->manager();
  std::vector<const DriverDescriptor*> found(64);
  {
    std::vector<std::jthread> threads;
    for (auto& one : found) threads.emplace_back([&] { one = &manager.find("good"); });
  }
  EXPECT_THAT(found, testing::Each(&manager.find("good")));
}

TEST_F(Search, PLUG_34_ManagersMayBeMadeAtTheSameTime) {
  folder_.add("good");
  std::vector<std::string> versions(16);
  {
    std::vector<std::jthread> threads;
    for (auto& version : versions) {
      threads.emplace_back([&] { version = manager().find("good").version; });
    }
  }
  EXPECT_THAT(versions, testing::Each("1.2.3"));
}

}  // namespace
}  // namespace gantry
