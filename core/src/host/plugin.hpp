// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "gantry/driver/descriptor.hpp"

namespace gantry {

// What a driver answers to: its name first, then the aliases.
std::vector<std::string_view> schemes_of(const DriverDescriptor& descriptor);

// Checks the plugin's file and opens it, for ever. The driver inside serves `name`. Opening the
// same file again is cheap and gives the same descriptor. No code of a refused file has run. Throws
// Refusal.
const DriverDescriptor& open_plugin(const std::filesystem::path& file, std::string_view name);

}  // namespace gantry
