// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gantry/kit/routing.hpp"

namespace gantry::kafka {

// A Kafka topic and the group whose committed positions tell that somebody has listened there
// (docs/decisions/0017). Fanout has no group.
struct RpcAddress {
  std::string topic;
  std::string group{};
};

// Throws InvalidArgument for names that become longer than Kafka allows.
RpcAddress rpc_address(const Address& address, std::string_view prefix);
std::string reply_topic(std::string_view prefix);

// Throws InvalidArgument for a name that no Kafka topic can have.
void check_topic(std::string_view name);

// What a request is for, beside its topic: many addresses share the topic of a named server.
std::string receiver_of(const Address& address);

// Spreads keys over places, the same on every machine and for ever (FNV-1a).
std::uint64_t stable_hash(std::string_view key) noexcept;

}  // namespace gantry::kafka
