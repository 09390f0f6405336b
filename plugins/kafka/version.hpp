// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::kafka {

inline constexpr const char* kVersion = "0.1.0";  // told to gantry

}  // namespace gantry::kafka
