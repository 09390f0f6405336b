// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::rabbit {

inline constexpr const char* kVersion = "0.1.0";  // told to gantry and to brokers

}  // namespace gantry::rabbit
