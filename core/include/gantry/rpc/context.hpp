// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"
#include "gantry/value.hpp"

namespace gantry {

// What a method learns of the request that it serves, by asking for `const Context&` first.
struct Context {
  Object values{};            // the caller's context
  std::string message_id{};   // of the request; empty for a cast
  Deadline deadline = never;  // by then the caller has given up, as far as that is known
};

// The deadline of the request that this thread is serving; never elsewhere. Calls that a method
// makes end by then, unless they are given a timeout of their own (CLI-24).
GANTRY_API Deadline deadline_of_served_request() noexcept;

}  // namespace gantry
