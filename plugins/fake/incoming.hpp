// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker.hpp"
#include "delivery.hpp"
#include "gantry/driver/incoming_message.hpp"

namespace gantry::fake {

// Both throw SerializationError for a body that they cannot read. The broker outlives the message.
std::unique_ptr<IncomingMessage> make_request(Broker& broker, const Delivery& delivery);
std::unique_ptr<IncomingMessage> make_notification(Broker& broker, const Delivery& delivery);

}  // namespace gantry::fake
