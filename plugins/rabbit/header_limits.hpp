// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <string>

namespace gantry::rabbit {

// What the headers of a message may be at most. Peers send a handful of short ones; the rest of a
// frame is room for mischief.
inline constexpr int kMaxHeaders = 100;
inline constexpr int kMaxHeaderDepth = 8;  // of tables and arrays within each other
inline constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;

// Why the headers are refused; empty when they are within the limits.
std::string headers_fault(const amqp_table_t& headers);

}  // namespace gantry::rabbit
