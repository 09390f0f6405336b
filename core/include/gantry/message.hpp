// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "gantry/value.hpp"

namespace gantry {

// Small text pairs that travel outside the body (a trace id, say). A peer that ignores them still
// interoperates: nothing that decides how a message is understood stands here.
using Headers = std::map<std::string, std::string, std::less<>>;

// What an upper layer hands to a driver, and a driver to an upper layer.
struct Message {
  Object body{};  // an RPC request {method, args, …} or a notification {event_type, payload, …}
  Object context{};  // the caller's context; its keys never mix with the protocol's
  Headers headers{};

  friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace gantry
