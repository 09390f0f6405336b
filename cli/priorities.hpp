// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/notify/priority.hpp"

namespace gantry::cli {

// "audit, debug, info, …"
std::string known_priorities();

// Throws CommandError (usage) that names those that there are.
Priority parse_priority(const std::string& text);

}  // namespace gantry::cli
