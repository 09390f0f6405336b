// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "gantry/export.hpp"
#include "gantry/target.hpp"

namespace gantry {

// Where a message goes: one mapping for senders and listeners of every driver (DRV-2, DRV-4).
struct Address {
  enum class Reach {
    topic,   // one of the topic's servers
    server,  // the named one
    fanout,  // all of the topic's servers
  };
  Reach reach = Reach::topic;
  std::string exchange;
  std::string topic;
  std::string server{};  // only for Reach::server

  // What the wire calls it: "calc", "calc.node-1", "calc_fanout".
  GANTRY_API std::string name() const;

  friend auto operator<=>(const Address&, const Address&) = default;
};

// An exchange that is absent or empty is the default one.
GANTRY_API std::string exchange_of(const Target& target, std::string_view default_exchange);

// Where a request to `target` goes; fanout wins over server.
GANTRY_API Address send_address(const Target& target, std::string_view default_exchange);

// Where a server of `target` listens: its topic, itself, and the topic's fanout.
GANTRY_API std::array<Address, 3> listen_addresses(const Target& target,
                                                   std::string_view default_exchange);

}  // namespace gantry
