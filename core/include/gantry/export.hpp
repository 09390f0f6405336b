// SPDX-License-Identifier: Apache-2.0
#pragma once

// Marks what libgantry exports. Everything else is built with hidden visibility. A class that is
// thrown, or that a plugin derives from, carries it so that host and plugin share one type_info.
#define GANTRY_API __attribute__((visibility("default")))
