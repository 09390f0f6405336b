// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker.hpp"
#include "consumer.hpp"
#include "gantry/driver/listener.hpp"
#include "incoming.hpp"

namespace gantry::fake {

// Makes of a delivery what the listener's owner gets; throws SerializationError.
using Decode = std::unique_ptr<IncomingMessage> (*)(const Receipt&, Delivery&&);

struct ListenerParts {
  std::unique_ptr<Consumer> consumer;
  Decode decode;
  Receipt receipt;
  BatchOptions batch{};
  bool dedup = true;  // drops what repeats a message that it has received
  std::shared_ptr<Ledger> ledger;
};

// A listener with a thread of its own, which waits at the consumer.
std::unique_ptr<Listener> make_listener(ListenerParts parts);

}  // namespace gantry::fake
