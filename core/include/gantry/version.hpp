// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "gantry/export.hpp"

namespace gantry {

// A version of an RPC interface: `major.minor[.revision]`, non-negative decimals (VER-3).
struct GANTRY_API Version {
  unsigned major = 1;
  unsigned minor = 0;
  unsigned revision = 0;  // an absent revision is 0

  // Throws InvalidVersion.
  static Version parse(std::string_view text);

  friend auto operator<=>(const Version&, const Version&) = default;
};

// Whether an implementation of `implemented` serves a request for `requested` (VER-1, VER-2): the
// majors are equal and the rest of `requested` is not newer. Nothing implemented in particular
// serves anything; otherwise a request without a version is not served. Throws InvalidVersion.
GANTRY_API bool compatible(const std::optional<std::string>& implemented,
                           const std::optional<std::string>& requested);
GANTRY_API bool compatible(const Version& implemented, const Version& requested) noexcept;

}  // namespace gantry
