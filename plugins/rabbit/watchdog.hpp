// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "gantry/kit/timer.hpp"

namespace gantry::rabbit {

// Shuts a socket down when what is written to it does not get through, since a write of the client
// library has no limit of its own. What has arrived on the socket can still be read.
//
// Within `limit` the peer has to take what is written, or at least kSlowest bytes for each second
// of it: a slow line is a line, one that trickles is none. (The kernel's own limit,
// TCP_USER_TIMEOUT, starts anew with each byte that is taken.)
class Watchdog {
 public:
  static constexpr int kSlowest = 1024;

  Watchdog(int socket, std::chrono::milliseconds limit);  // the socket is borrowed and outlives it
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  bool has_bitten() const;  // [any thread]

 private:
  struct Watched;
  const std::shared_ptr<Timer> timer_;
  const std::shared_ptr<Watched> watched_;  // shared with the timer's callbacks
};

}  // namespace gantry::rabbit
