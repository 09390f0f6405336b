// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker.hpp"
#include "faults.hpp"

namespace gantry::fake {

// One driver's way to the broker, on which its faults lie. Both verbs throw MessageDeliveryFailure
// and MessageInDoubt where a fault is to show as such. [any thread]
class Publisher {
 public:
  Publisher(Broker& broker, std::shared_ptr<Faults> faults)
      : broker_(broker), faults_(std::move(faults)) {}

  // The timeline may be null.
  void publish(const Address& address, Delivery&& delivery, bool mandatory,
               Timeline* timeline) const;
  void store(const Address& topic, Delivery&& delivery, Timeline* timeline) const;

 private:
  template <class Accept, class Arrive>
  void send(Delivery&& delivery, Timeline* timeline, Accept accept, Arrive arrive) const;

  Broker& broker_;
  const std::shared_ptr<Faults> faults_;  // shared with listeners and messages; null: none
};

}  // namespace gantry::fake
