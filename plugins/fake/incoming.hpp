// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker.hpp"
#include "delivery.hpp"
#include "faults.hpp"
#include "gantry/driver/incoming_message.hpp"

namespace gantry::fake {

// What the messages of a listener go back through.
struct Receipt {
  Broker& broker;                    // outlives the messages
  std::shared_ptr<Faults> faults{};  // of the listener's driver; null: none
};

std::unique_ptr<IncomingMessage> make_request(const Receipt& receipt, Delivery&& delivery);
// Throws SerializationError for a body that it cannot read.
std::unique_ptr<IncomingMessage> make_notification(const Receipt& receipt, Delivery&& delivery);

}  // namespace gantry::fake
