// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "gantry/value.hpp"

namespace gantry::wire_test {

// {"type": "RemoteError", "what": …}, and of a RemoteError its failure.
Object describe(const std::exception& error);

}  // namespace gantry::wire_test
