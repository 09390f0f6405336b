// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gantry/deadline.hpp"
#include "gantry/kit/reply_waiter.hpp"

namespace gantry::fake {

class Queue;

// One copy of a message on its way. Several copies share the encoded body, which nobody changes.
struct Delivery {
  std::shared_ptr<const std::string> body{};
  std::string msg_id{};                  // of a call
  Deadline expires = never;              // its caller has given up by then
  std::weak_ptr<ReplyWaiter> replies{};  // the caller's; it may be gone before the answer comes
  Queue* origin = nullptr;               // where the copy lies, or was taken from
  std::uint64_t sequence = 0;            // the order of arrival at the broker
  bool redelivered = false;
};

}  // namespace gantry::fake
