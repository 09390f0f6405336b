// SPDX-License-Identifier: Apache-2.0
#include "driver_registry.hpp"

#include <algorithm>
#include <utility>

#include "../ascii.hpp"
#include "not_found.hpp"
#include "plugin.hpp"
#include "refusal.hpp"

namespace gantry {
namespace {

namespace fs = std::filesystem;
using Reason = DriverLoadFailure::Reason;

// The part of a scheme that names the driver: "rabbit" of "rabbit+tls".
std::string name_of(std::string_view scheme) {
  return lower(std::string(scheme.substr(0, scheme.find('+'))));
}

// Links count though they lead nowhere: what stands first on the path is what was meant. A name
// that is no file name ("a/../b") has no file.
bool is_there(const fs::path& file, const std::string& name) {
  std::error_code error;
  return plugin_name(file) == name && fs::exists(fs::symlink_status(file, error));
}

}  // namespace

void DriverRegistry::add(const DriverDescriptor& descriptor) {
  const std::lock_guard lock(mutex_);
  for (const auto scheme : schemes_of(descriptor)) {
    if (linked(scheme) == nullptr) continue;
    throw DriverLoadFailure(
        Reason::duplicate, std::string(scheme),
        "scheme '" + std::string(scheme) + "' is registered already; add each driver once");
  }
  linked_.push_back(&descriptor);
}

FoundDriver DriverRegistry::find(std::string_view scheme) const {
  const auto name = name_of(scheme);
  const std::lock_guard lock(mutex_);
  if (const auto* const descriptor = linked(name)) return {name, descriptor, {}};
  for (const auto& directory : path_.directories) {
    const auto file = plugin_file(directory.path, name);
    if (!is_there(file, name)) continue;
    try {
      return {name, &opened(file, name), file};
    } catch (const Refusal& refusal) {
      throw DriverLoadFailure(
          refusal.reason, std::string(scheme),
          "cannot load driver '" + name + "' from " + file.native() + ": " + refusal.text);
    }
  }
  throw DriverLoadFailure(Reason::not_found, std::string(scheme),
                          not_found_text(name, known(), path_));
}

std::vector<DriverInfo> DriverRegistry::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<DriverInfo> drivers;
  std::map<std::string, std::string, std::less<>> winners;
  for (const auto* const descriptor : linked_) {
    const auto schemes = schemes_of(*descriptor);
    drivers.push_back({.name = std::string(schemes.empty() ? "" : schemes.front()),
                       .found_by = "program",
                       .descriptor = descriptor});
    for (const auto scheme : schemes) winners.emplace(scheme, "the driver linked into the program");
  }
  for (const auto& directory : path_.directories) {
    for (const auto& file : plugins_in(directory.path)) {
      const auto [winner, first] = winners.emplace(*plugin_name(file), file.native());
      drivers.push_back(first ? examined(file, directory.source)
                              : DriverInfo{.name = winner->first,
                                           .file = file,
                                           .found_by = directory.source,
                                           .state = DriverInfo::State::shadowed,
                                           .reason = "shadowed by " + winner->second});
    }
  }
  return drivers;
}

const DriverDescriptor* DriverRegistry::linked(std::string_view name) const {
  for (const auto* const descriptor : linked_) {
    const auto schemes = schemes_of(*descriptor);
    if (std::find(schemes.begin(), schemes.end(), name) != schemes.end()) return descriptor;
  }
  return nullptr;
}

const DriverDescriptor& DriverRegistry::opened(const fs::path& file,
                                               const std::string& name) const {
  const auto known = opened_.find(file);
  if (known != opened_.end()) return *known->second;
  const auto& descriptor = open_plugin(file, name);
  opened_.emplace(file, &descriptor);
  return descriptor;
}

DriverInfo DriverRegistry::examined(const fs::path& file, const std::string& source) const {
  DriverInfo info{.name = *plugin_name(file), .file = file, .found_by = source};
  try {
    info.descriptor = &opened(file, info.name);
  } catch (const Refusal& refusal) {
    info.state = DriverInfo::State::refused;
    info.reason = refusal.text;
  }
  return info;
}

std::set<std::string> DriverRegistry::known() const {
  std::set<std::string> names;
  for (const auto* const descriptor : linked_) {
    for (const auto scheme : schemes_of(*descriptor)) names.emplace(scheme);
  }
  for (const auto& directory : path_.directories) {
    for (const auto& file : plugins_in(directory.path)) names.insert(*plugin_name(file));
  }
  return names;
}

}  // namespace gantry
