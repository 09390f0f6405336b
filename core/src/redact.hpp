// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gantry {

inline constexpr std::string_view kRedacted = "***";

// Whether an option of this name holds a secret, as far as its name tells. A URL is printed before
// the driver, who knows, is found.
bool names_a_secret(std::string_view option) noexcept;

// A transport URL that could not be parsed, fit for an error text: whatever may be part of a
// password is left out, rather too much than too little, and control characters are escaped.
std::string redact_url(std::string_view text);

}  // namespace gantry
