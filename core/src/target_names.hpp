// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/target.hpp"

namespace gantry {

// Throws InvalidTarget for an exchange, topic or server that no broker could have: longer than 255
// bytes, not UTF-8, or with a control character (reliability §5).
void check_names(const Target& target);

}  // namespace gantry
