// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/driver/incoming_message.hpp"

namespace gantry {

// A message that holds a number, and whose settling nobody looks at.
class NumberedMessage final : public IncomingMessage {
 public:
  explicit NumberedMessage(int number) : IncomingMessage({.body = {{"n", number}}}, {}) {}
  void acknowledge() noexcept override {}
  void requeue() noexcept override {}
  void reply(Reply) noexcept override {}
  void heartbeat() noexcept override {}
};

}  // namespace gantry
