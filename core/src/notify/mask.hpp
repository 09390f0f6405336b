// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/value.hpp"

namespace gantry {

// A copy in which the values of keys that name a secret are "***", however deep, and so are
// secrets written out in texts as `password=…` (NDRV-5).
Value masked(const Value& value);

}  // namespace gantry
