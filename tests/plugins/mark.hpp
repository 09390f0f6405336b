// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

// Tells the test's process that code of this plugin has run: real plugins have no such thing.
[[gnu::constructor]] static void mark() { ::setenv("GANTRY_TEST_CODE_RAN", "1", 1); }
