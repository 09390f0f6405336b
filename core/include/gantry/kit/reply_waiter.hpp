// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"
#include "gantry/driver/completion.hpp"
#include "gantry/driver/timeline.hpp"
#include "gantry/error.hpp"
#include "gantry/export.hpp"
#include "gantry/kit/timer.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/ledger.hpp"
#include "gantry/target.hpp"

namespace gantry {

// The calls of one driver that wait for a reply: id → completion. It keeps the deadline and the
// call monitor of each, ends each exactly once, and drops replies that nobody waits for (semantics
// §16). A completion is told by the thread that brings the reply, with no lock held. [any thread]
class GANTRY_API ReplyWaiter {
 public:
  struct Call {
    Completion<Value> done;
    Deadline deadline = never;
    std::optional<std::chrono::milliseconds> monitor{};
    std::stop_token given_up{};            // ends it with OperationCancelled
    std::shared_ptr<Timeline> timeline{};  // shared with the caller and the publisher; never null
    std::string method{};                  // for the error's text, as all below
    Target target{};
    std::string reply_queue{};
  };

  // `ledger` counts the replies that nobody waits for (Mishap::late_reply).
  explicit ReplyWaiter(std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>());
  ~ReplyWaiter();  // ends what still waits with TransportClosed

  // Before the request is published, so that no reply can come too early. Throws InvalidArgument
  // for an id that waits already.
  void add(std::string_view id, Call call);

  // A reply or heartbeat arrived. False: nobody waits for it, or it is a duplicate.
  bool deliver(wire::ReplyBody reply);

  // Ends one call, or all, with an error. False: it has ended already.
  bool fail(std::string_view id, std::exception_ptr error);
  void fail_all(std::exception_ptr error);

  // The reply queue vanished, and with it what was in it: ends each call whose request was written
  // with MessagingTimeout (cause: reply_lost), since its reply may be among that.
  void lose_replies();

  std::size_t waiting() const;

  // What the deadline's error will say is refined by this, where the driver can tell more than the
  // timeline does (nobody consumes from the queue, the broker blocks …). Called at expiry by the
  // timer's thread; it must not call set_diagnosis. Once set_diagnosis has returned, and after the
  // waiter's destructor, the former function does not run any more.
  using Diagnose = std::function<std::optional<TimeoutCause>(std::string_view id)>;
  void set_diagnosis(Diagnose diagnose);

 private:
  struct State;
  const std::shared_ptr<Timer> timer_;
  const std::shared_ptr<State> state_;  // shared with timer callbacks, which may outlive the waiter
};

// The error of an operation whose deadline passed: what it was, how long it took, and why, from how
// far its timeline came unless the driver knows the cause better.
GANTRY_API MessagingTimeout timeout_error(std::string_view what, const Timeline& timeline,
                                          std::optional<TimeoutCause> known = {});

}  // namespace gantry
