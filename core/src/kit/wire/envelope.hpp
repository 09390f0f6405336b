// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gantry::wire {

inline constexpr std::string_view kVersionKey = "oslo.version";
inline constexpr std::string_view kMessageKey = "oslo.message";
inline constexpr std::string_view kEnvelopeVersion = "2.0";

// A sealed body up to the string that holds the inner object, as every peer writes it.
inline constexpr std::string_view kEnvelopeHead = R"({"oslo.version": "2.0", "oslo.message": )";

}  // namespace gantry::wire
