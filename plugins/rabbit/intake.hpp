// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "consumers.hpp"
#include "frames.hpp"
#include "gantry/deadline.hpp"
#include "gantry/driver/incoming_message.hpp"
#include "session.hpp"

namespace gantry::rabbit {

// What a listener does with deliveries, requests and notifications differing in when they are
// acknowledged. Belongs to the connection's thread.
class Intake {
 public:
  virtual ~Intake() = default;

  // Turns deliveries to `consumers` into messages, oldest first. What cannot be read is rejected,
  // what was received before is left out. When it throws, nothing was handed out and the broker
  // brings all again.
  virtual Batch take(std::span<Delivery> deliveries, const Consumers& consumers,
                     Session& session) = 0;
  // Tells the broker what was settled since.
  virtual void flush(Session& session) = 0;
  virtual Deadline due() const { return never; }  // when a flush is wanted at the latest
  // The session is gone, and with it the tags of its deliveries.
  virtual void session_lost() = 0;
};

}  // namespace gantry::rabbit
