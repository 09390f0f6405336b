// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load.hpp"

namespace bench {

// Each once in a new process, since a library stays where it was loaded. The first needs all that
// the driver does beside loading the client library, whose file the second takes as its URL.
void load_driver(const Task& task);
void load_library(const Task& task);

}  // namespace bench
