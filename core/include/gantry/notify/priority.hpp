// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "gantry/export.hpp"

namespace gantry {

// How much a notification matters. It is part of its address: "notifications.info" (NTF-3).
enum class Priority { audit, debug, info, warn, error, critical, sample };

inline constexpr std::array kPriorities{Priority::audit, Priority::debug, Priority::info,
                                        Priority::warn,  Priority::error, Priority::critical,
                                        Priority::sample};

// "info", as it stands in an address. [any thread, as the next]
GANTRY_API std::string_view to_string(Priority priority) noexcept;
// Case does not matter, and "warning" is warn; none for a text that is no priority.
GANTRY_API std::optional<Priority> priority_of(std::string_view text) noexcept;

}  // namespace gantry
