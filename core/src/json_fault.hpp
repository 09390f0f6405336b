// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry {

// Why a text that simdjson refused is refused, with the offset, where it is one of the things that
// other writers of JSON (Python's above all) do emit: an integer beyond 64 bits, a number that no
// double holds, NaN or Infinity, a lone surrogate, deep nesting. None: it is plainly not JSON.
std::optional<std::string> json_fault(std::string_view text);

std::string deeper_than_the_limit();

}  // namespace gantry
