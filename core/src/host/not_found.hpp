// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "plugin_path.hpp"

namespace gantry {

// What to tell somebody whose scheme has no driver: the nearest known one, all that are known, and
// where was looked.
std::string not_found_text(std::string_view scheme, const std::set<std::string>& known,
                           const PluginPath& path);

}  // namespace gantry
