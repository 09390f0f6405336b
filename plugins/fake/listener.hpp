// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker.hpp"
#include "consumer.hpp"
#include "gantry/driver/listener.hpp"

namespace gantry::fake {

// Makes of a delivery what the listener's owner gets; throws SerializationError.
using Decode = std::unique_ptr<IncomingMessage> (*)(Broker&, const Delivery&);

// A listener with a thread of its own, which waits at the consumer.
std::unique_ptr<Listener> make_listener(Broker& broker, std::unique_ptr<Consumer> consumer,
                                        const BatchOptions& batch, Decode decode);

}  // namespace gantry::fake
