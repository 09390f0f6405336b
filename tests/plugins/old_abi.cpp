// SPDX-License-Identifier: Apache-2.0
// A driver of another gantry: the number of its ABI is not this host's.
#include "mark.hpp"
#include "null_driver.hpp"

#undef GANTRY_ABI
#define GANTRY_ABI 0
GANTRY_EXPORT_DRIVER(.schemes = "old_abi", .version = "0", .summary = "of another ABI",
                     .create = make_null);
