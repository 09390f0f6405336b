// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/deadline.hpp"

namespace gantry::rabbit {

// What tells fanout and reply queues apart by name (wire §3.3).
struct QueueNaming {
  // False: 32 hexadecimal digits. True: `host:process:number`. A restarted service then counts from
  // 1 again, so it finds its queues instead of leaving them behind and making others.
  bool numbered = false;
  std::string host{};
  std::string process{};
  std::string lock_directory{};
};

// The end of a new name. What is numbered shares its numbers with all processes of this machine
// that have the same host and process, oslo.messaging's included: it reads and writes their counter
// under their lock. Waits for that lock; MessagingTimeout when it is not free by the deadline or in
// a few seconds. Throws TransportDriverError where the counter cannot be had. [any thread]
std::string queue_name_suffix(const QueueNaming& naming, Deadline deadline);

}  // namespace gantry::rabbit
