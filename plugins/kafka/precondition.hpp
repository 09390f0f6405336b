// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>

namespace gantry::kafka {

// What must be so before a record can be sent: that its topic exists, that somebody has listened
// at its address. Shared by the records that need it.
class Precondition {
 public:
  virtual ~Precondition() = default;

  virtual bool holds() const noexcept = 0;  // [any thread], as the next
  virtual void doubt() noexcept = 0;        // a broker says otherwise: it is to be asked again
  // Asks a broker by `client`, and makes it so where that can be done. Returns when it holds.
  // Throws Unreachable where no broker has answered within `limit`, which is worth another attempt,
  // and gantry's errors for what asking again does not mend. [producer's usher]
  virtual void establish(rd_kafka_t* client, std::chrono::milliseconds limit) = 0;
  // Nobody waits for it just now: what was asked in vain need not be answered. [producer's usher]
  virtual void give_up() noexcept {}
};

using PreconditionPtr = std::shared_ptr<Precondition>;

}  // namespace gantry::kafka
