// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/message.hpp"

namespace gantry::fake {

class Queue;

// What all copies of a message share. Nobody changes it once it is at the broker.
struct Parcel {
  std::string body{};  // of a notification, as it is written
  Headers headers{};   // of a notification
  std::string id{};    // the receiver's protection against duplicates
  bool is_call = false;
  std::optional<std::chrono::milliseconds> monitor{};
  Deadline expires = never;              // its caller has given up by then
  std::weak_ptr<ReplyWaiter> replies{};  // the caller's; it may be gone before the answer comes

  bool is_call_of(std::string_view call) const { return is_call && id == call; }
};

// One copy of a message on its way.
struct Delivery {
  std::shared_ptr<const Parcel> parcel{};
  std::unique_ptr<Message> request{};  // as its receiver reads it; null in a notification
  Queue* origin = nullptr;             // where the copy lies, or was taken from
  std::uint64_t sequence = 0;          // the order of arrival at the broker
  bool redelivered = false;
  bool caller_waits = false;  // the publishing thread, while it publishes
  // What faults make of it (FAKE-20).
  bool twice = false;      // it is to be handed out twice
  bool repeats = false;    // somebody may have had it already, who did not ask for it again
  bool overtakes = false;  // it goes before the one that arrived last
};

// For one more receiver; nothing of the request is shared.
Delivery copy_of(const Delivery& delivery);

}  // namespace gantry::fake
