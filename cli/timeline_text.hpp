// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/driver/timeline.hpp"

namespace gantry::cli {

// A line for each stage that was reached, with the time since `start`.
std::string timeline_text(const Timeline& timeline, Timeline::Clock::time_point start);

}  // namespace gantry::cli
