// SPDX-License-Identifier: Apache-2.0
// A driver of this gantry's ABI, built with a sanitizer that the host does not have.
#include "mark.hpp"
#include "null_driver.hpp"

#undef GANTRY_ABI_SANITIZER
#ifdef __SANITIZE_ADDRESS__
#define GANTRY_ABI_SANITIZER _tsan
#else
#define GANTRY_ABI_SANITIZER _asan
#endif
GANTRY_EXPORT_DRIVER(.schemes = "other_build", .version = "0", .summary = "of another build",
                     .create = make_null);
