// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/host/driver_manager.hpp"

namespace gantry {

// Where plugins are looked for: the directories of GANTRY_PLUGIN_PATH, else those of the
// configuration, else gantry/drivers beside libgantry. Exactly one source counts.
struct PluginPath {
  std::vector<PluginDirectory> directories;
  std::vector<PluginDirectory> ignored;  // relative ones: what they mean depends on who asks

  static PluginPath find(const std::vector<std::filesystem::path>& configured);
};

// Where the driver of that name lies in a directory, if it does: gantry_driver_<name>.so.
std::filesystem::path plugin_file(const std::filesystem::path& directory, std::string_view name);

// The name in a plugin's file name; nothing for any other file.
std::optional<std::string> plugin_name(const std::filesystem::path& file);

// The plugins of a directory, sorted by name; none where it cannot be read.
std::vector<std::filesystem::path> plugins_in(const std::filesystem::path& directory);

}  // namespace gantry
