// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"

GANTRY_EXPORT_DRIVER(gantry::fake::kDescriptor);
