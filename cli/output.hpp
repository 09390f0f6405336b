// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "gantry/value.hpp"

namespace gantry::cli {

// Results go to stdout, all else to stderr. A line is written whole and at once. [any thread]
void print(std::string_view line);
void print(const Value& value);  // as JSON
void note(std::string_view text);

// `text` with what stands between "://" and the last "@" of each word as "***", and with control
// characters escaped, so that it can be shown whatever the user typed or a peer sent.
std::string presentable(std::string_view text);

bool stdout_is_terminal();
// Whether all that was printed got where it should.
bool stdout_is_sound();

}  // namespace gantry::cli
