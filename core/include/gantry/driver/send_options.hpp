// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "gantry/deadline.hpp"
#include "gantry/driver/timeline.hpp"
#include "gantry/target.hpp"

namespace gantry {

// What becomes of a message that was written when the connection died before the broker confirmed
// it (reliability §4.1).
enum class OnDoubt {
  fail,    // MessageInDoubt; a call waits for its reply, which tells
  resend,  // the same bytes again, as often as `retry` allows: at least once, and perhaps twice
};

struct SendOptions {
  // Ends the whole operation: pool, connection, publish, confirm, and for a call the reply.
  Deadline deadline = never;
  // How often a message that was certainly not taken is tried again: none or negative is for ever
  // (until the deadline), 0 once only, N at most N further times.
  int retry = -1;
  OnDoubt on_doubt = OnDoubt::fail;
  // A message that reaches no queue is a MessageUndeliverable even where the driver would let it
  // pass.
  bool at_least_once = false;
  // Where the driver notes how far the operation came; shared, since the driver may outlive the
  // caller's interest in it. May be null.
  std::shared_ptr<Timeline> timeline{};
};

struct CallOptions : SendOptions {
  // The call fails when neither a heartbeat of the handler nor the reply comes for this long
  // (call_monitor_timeout). The deadline is not extended by it.
  std::optional<std::chrono::milliseconds> monitor{};
  // Stopped when the caller gives the call up: the driver forgets it at once, and the reply, when
  // it comes, is one that nobody waits for (CLI-23).
  std::stop_token given_up{};
  // The calling thread does nothing else until the end, so that a driver within the process may
  // lend it to a listener (BatchOptions::on_any_thread).
  bool caller_waits = false;
};

struct BatchOptions {
  std::size_t size = 1;  // at most so many messages at once; at least 1
  // How long the first message of a batch waits for others; none: until the batch is full.
  std::optional<std::chrono::milliseconds> timeout{};
  // A driver within the process may hand batches over on the thread of a caller that waits
  // (CallOptions::caller_waits) too, one after the other still. What runs there takes no lock that
  // such a caller may hold, and keeps it beyond its deadline if it takes so long.
  bool on_any_thread = false;
};

// oslo.messaging's two notification formats: v1 ("messaging") is the bare object, v2
// ("messagingv2") the same in the envelope.
enum class Envelope { v1, v2 };

// One kind of notification that a listener takes.
struct Subscription {
  Target target{};       // exchange and topic count
  std::string priority;  // "info", lower case
};

}  // namespace gantry
