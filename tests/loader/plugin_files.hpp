// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/host/driver_manager.hpp"

namespace gantry {

namespace fs = std::filesystem;
using Reason = DriverLoadFailure::Reason;
using Bytes = std::vector<char>;

// A directory of its own, gone with the object. Nobody but its owner may write to it.
class PluginFolder {
 public:
  PluginFolder() {
    auto name = (fs::temp_directory_path() / "gantry-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;
  ~PluginFolder() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }
  fs::path file(std::string_view name) const {
    return path_ / ("gantry_driver_" + std::string(name) + ".so");
  }

  // One of the test's plugins, under its own or another name.
  fs::path add(std::string_view plugin, std::string_view as = {}) const {
    return add(as.empty() ? plugin : as, read(plugin));
  }
  fs::path add(std::string_view name, const Bytes& content) const {
    fs::remove(file(name));  // its bytes may be mapped: they get a new file, never a rewritten one
    std::ofstream(file(name), std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
    fs::permissions(file(name), fs::perms(0644));
    return file(name);
  }

  static Bytes read(std::string_view plugin) {
    const char* const built = std::getenv("GANTRY_TEST_PLUGINS");
    if (built == nullptr) throw std::runtime_error("GANTRY_TEST_PLUGINS is not set");
    std::ifstream in(fs::path(built) / ("gantry_driver_" + std::string(plugin) + ".so"),
                     std::ios::binary);
    in.exceptions(std::ios::badbit | std::ios::failbit);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }

 private:
  fs::path path_;
};

// Sets or, without a value, removes an environment variable as long as it lives.
class Environment {
 public:
  Environment(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    set(value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { set(before_); }

 private:
  void set(const std::optional<std::string>& value) const {
    value ? ::setenv(name_, value->c_str(), 1) : ::unsetenv(name_);
  }

  const char* name_;
  std::optional<std::string> before_{};
};

// Each test has one folder, and that is where drivers are looked for.
class Loader : public testing::Test {
 protected:
  DriverManager manager() const { return DriverManager({.plugin_path = {folder_.path()}}); }

  static bool code_ran() { return std::getenv("GANTRY_TEST_CODE_RAN") != nullptr; }

  // The failure to find `scheme` in the folder; none: it was found.
  std::optional<DriverLoadFailure> failure(std::string_view scheme) const {
    try {
      manager().find(scheme);
      return std::nullopt;
    } catch (const DriverLoadFailure& error) {
      return error;
    }
  }

  const PluginFolder folder_{};

 private:
  const Environment path_{"GANTRY_PLUGIN_PATH", std::nullopt};
  const Environment mark_{"GANTRY_TEST_CODE_RAN", std::nullopt};
};

}  // namespace gantry
