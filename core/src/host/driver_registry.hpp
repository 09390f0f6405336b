// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/host/driver_manager.hpp"
#include "plugin_path.hpp"

namespace gantry {

// A driver and where it came from; no file: linked into the program.
struct FoundDriver {
  std::string name;
  const DriverDescriptor* descriptor;
  std::filesystem::path file;
};

// The drivers that can be had: those linked into the program, then those of the plugin path, where
// the first file of a name wins. Every method is for any thread. A file is opened under the lock;
// nothing else of a plugin runs there.
class DriverRegistry {
 public:
  explicit DriverRegistry(PluginPath path) : path_(std::move(path)) {}

  void add(const DriverDescriptor& descriptor);     // throws DriverLoadFailure (duplicate)
  FoundDriver find(std::string_view scheme) const;  // throws DriverLoadFailure
  std::vector<DriverInfo> list() const;
  const PluginPath& path() const noexcept { return path_; }

 private:
  const DriverDescriptor* linked(std::string_view name) const;
  const DriverDescriptor& opened(const std::filesystem::path& file, const std::string& name) const;
  DriverInfo examined(const std::filesystem::path& file, const std::string& source) const;
  std::set<std::string> known() const;

  const PluginPath path_;
  mutable std::mutex mutex_;
  std::vector<const DriverDescriptor*> linked_;                                // guarded by mutex_
  mutable std::map<std::filesystem::path, const DriverDescriptor*> opened_{};  // guarded by mutex_
};

}  // namespace gantry
