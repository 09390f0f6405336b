// SPDX-License-Identifier: Apache-2.0
// One broken plugin for each way in which a file cannot be used (architecture §4).
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "plugin_files.hpp"

namespace gantry {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Refusals : public Loader {
 protected:
  // The text of the failure, which has to be of this reason; no code of the plugin may have run.
  std::string refused(std::string_view scheme, Reason reason) const {
    const auto error = failure(scheme);
    EXPECT_FALSE(code_ran()) << scheme;
    if (!error) return "it was found";
    EXPECT_EQ(error->reason(), reason) << error->what();
    EXPECT_EQ(error->driver(), scheme);
    EXPECT_THAT(error->what(), HasSubstr(folder_.file(scheme).native()));
    return error->what();
  }
};

TEST_F(Refusals, PLUG_33_TheGoodOneLoadsAndItsCodeRuns) {
  folder_.add("good");
  EXPECT_FALSE(failure("good"));
  EXPECT_TRUE(code_ran());  // so the mark that the other tests miss does work
}

TEST_F(Refusals, Untrusted_AFileThatEveryoneMayWrite) {
  fs::permissions(folder_.add("good"), fs::perms(0666));
  EXPECT_THAT(refused("good", Reason::untrusted),
              HasSubstr("the file is writable by everyone; run: chmod o-w " +
                        folder_.file("good").native()));
}

TEST_F(Refusals, Untrusted_ADirectoryThatEveryoneMayWrite) {
  folder_.add("good");
  fs::permissions(folder_.path(), fs::perms(0777));
  EXPECT_THAT(refused("good", Reason::untrusted),
              AllOf(HasSubstr("its directory"), HasSubstr("run: chmod o-w")));
}

TEST_F(Refusals, Untrusted_TheDirectoryBehindALink) {
  const PluginFolder open;
  open.add("good");
  fs::permissions(open.path(), fs::perms(0777));
  fs::create_symlink(open.file("good"), folder_.file("good"));
  EXPECT_THAT(refused("good", Reason::untrusted), HasSubstr(open.path().native()));
}

TEST_F(Refusals, Untrusted_ADirectoryOnTheWayOfALink) {
  const PluginFolder open;
  const PluginFolder closed;
  closed.add("good");
  fs::create_symlink(closed.file("good"), open.file("good"));
  fs::create_symlink(open.file("good"), folder_.file("good"));
  fs::permissions(open.path(), fs::perms(0777));
  EXPECT_THAT(refused("good", Reason::untrusted), HasSubstr(open.path().native()));
}

TEST_F(Refusals, PLUG_32_NotALibrary_WhatIsNoFile) {
  fs::create_directory(folder_.file("directory"));
  EXPECT_THAT(refused("directory", Reason::not_a_library), HasSubstr("it is a directory"));
  fs::create_symlink(folder_.path() / "nowhere", folder_.file("dangling"));
  EXPECT_THAT(refused("dangling", Reason::not_a_library), HasSubstr("No such file"));
  fs::create_symlink(folder_.file("circle"), folder_.file("circle"));
  EXPECT_THAT(refused("circle", Reason::not_a_library), HasSubstr("cannot be followed"));
  ASSERT_EQ(::mkfifo(folder_.file("pipe").c_str(), 0644), 0);
  EXPECT_THAT(refused("pipe", Reason::not_a_library), HasSubstr("not a regular file"));
}

TEST_F(Refusals, PLUG_32_NotALibrary_WhatIsNotElf) {
  folder_.add("empty", Bytes());
  EXPECT_THAT(refused("empty", Reason::not_a_library), HasSubstr("it is empty"));
  folder_.add("short", Bytes{'\x7f', 'E'});
  EXPECT_THAT(refused("short", Reason::not_a_library), HasSubstr("it is no ELF file"));
  folder_.add("zeros", Bytes(8192, '\0'));
  EXPECT_THAT(refused("zeros", Reason::not_a_library), HasSubstr("it is no ELF file"));
  const std::string script = "#!/bin/sh\necho INPUT(libgantry.so)\n";
  folder_.add("text", Bytes(script.begin(), script.end()));
  EXPECT_THAT(refused("text", Reason::not_a_library), HasSubstr("it is no ELF file"));
}

TEST_F(Refusals, PLUG_32_NoEntry_ALibraryThatIsNoDriver) {
  folder_.add("no_entry");
  EXPECT_THAT(refused("no_entry", Reason::no_entry), HasSubstr("it exports no gantry driver"));
}

TEST_F(Refusals, PLUG_32_WrongAbi_ADriverOfAnotherGantry) {
  folder_.add("old_abi");
  EXPECT_THAT(refused("old_abi", Reason::wrong_abi),
              AllOf(HasSubstr("it was built as abi0_"),
                    HasSubstr("this host is " + std::string(kDriverSymbol.substr(14)))));
}

TEST_F(Refusals, PLUG_32_WrongAbi_ADriverWithASanitizerThatTheHostLacks) {
  folder_.add("other_build");
  EXPECT_THAT(refused("other_build", Reason::wrong_abi),
              testing::ContainsRegex("it was built as abi[0-9]+_.*_[at]san, this host is abi"));
}

TEST_F(Refusals, LinkFailed_AFunctionThatNobodyHas) {
  folder_.add("undefined_symbol");
  EXPECT_THAT(refused("undefined_symbol", Reason::link_failed),
              HasSubstr("undefined symbol: client_library_function_of_a_newer_version"));
}

TEST_F(Refusals, PLUG_22_LinkFailed_ALibraryThatIsNotInstalled) {
  auto content = PluginFolder::read("good");
  constexpr std::string_view needed = "libgantry.so.";
  const auto name = std::search(content.begin(), content.end(), needed.begin(), needed.end());
  ASSERT_NE(name, content.end());
  *name = 'L';
  folder_.add("good", content);
  EXPECT_THAT(refused("good", Reason::link_failed),
              AllOf(HasSubstr("Libgantry.so."), HasSubstr("cannot open shared object file")));
}

TEST_F(Refusals, PLUG_32_WrongScheme_ADriverUnderAForeignName) {
  folder_.add("good", "other");
  const auto error = failure("other");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason(), Reason::wrong_scheme);
  EXPECT_THAT(error->what(), HasSubstr("the driver inside serves 'good fine', not 'other'"));
}

TEST_F(Refusals, ARefusedFileIsUsedOnceItIsMended) {
  const auto manager = this->manager();
  fs::permissions(folder_.add("good"), fs::perms(0666));
  EXPECT_THROW(manager.find("good"), DriverLoadFailure);
  fs::permissions(folder_.file("good"), fs::perms(0644));
  EXPECT_EQ(manager.find("good").version, "1.2.3");
}

}  // namespace
}  // namespace gantry
