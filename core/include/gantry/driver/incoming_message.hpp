// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"
#include "gantry/failure.hpp"
#include "gantry/message.hpp"

namespace gantry {

// How a request ended: with a result, or with a failure.
using Reply = std::variant<Value, Failure>;

// What a listener received, and how to answer it. Its verbs are for any thread and never throw:
// what fails is logged. It may be destroyed by any thread, also after its listener was stopped.
class GANTRY_API IncomingMessage {
 public:
  struct Facts {
    std::string id{};  // the protocol's message id; empty where the sender gave none
    bool wants_reply = false;
    // How often the caller wants to hear that the handler runs (its call_monitor_timeout); none:
    // never.
    std::optional<std::chrono::milliseconds> monitor{};
    Deadline deadline = never;  // the caller has given up by then, as far as that is known
    bool redelivered = false;
  };

  IncomingMessage(Message message, Facts facts)
      : message_(std::move(message)), facts_(std::move(facts)) {}
  IncomingMessage(const IncomingMessage&) = delete;
  IncomingMessage& operator=(const IncomingMessage&) = delete;
  virtual ~IncomingMessage();

  const Message& message() const noexcept { return message_; }
  Message& message() noexcept { return message_; }
  const Facts& facts() const noexcept { return facts_; }

  // RPC drivers acknowledge before they hand a request up, so there it does nothing; a notification
  // is acknowledged after it was handled. A message settles once: the first of these two counts.
  virtual void acknowledge() noexcept = 0;
  virtual void requeue() noexcept = 0;

  // Sends the answer; at most once, and nothing where nobody waits. What cannot be put on the wire
  // is answered with a failure that says so.
  virtual void reply(Reply reply) noexcept = 0;
  // Tells the caller that the handler still runs. Only for a request that asked for it
  // (Facts::monitor).
  virtual void heartbeat() noexcept = 0;

 private:
  Message message_;
  Facts facts_;
};

using Batch = std::vector<std::unique_ptr<IncomingMessage>>;

}  // namespace gantry
