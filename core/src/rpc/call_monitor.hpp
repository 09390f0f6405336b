// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/kit/timer.hpp"

namespace gantry {

// Sends the caller a heartbeat every half of the interval it asked for, from construction to
// destruction; after that none follows (DISP-14, DISP-17). All monitors share the process's timer.
class CallMonitor {
 public:
  // Both outlive the monitor.
  CallMonitor(Timer& timer, IncomingMessage& request);
  CallMonitor(const CallMonitor&) = delete;
  ~CallMonitor();

 private:
  struct Beat;
  std::shared_ptr<Beat> beat_;  // shared with the timer's callback; null when nobody asked
};

}  // namespace gantry
