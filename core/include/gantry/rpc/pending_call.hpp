// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "gantry/driver/completion.hpp"
#include "gantry/export.hpp"
#include "gantry/value.hpp"

namespace gantry {

// A call under way. Dropping it does not end the call, whose answer is then ignored. It ends at its
// deadline at the latest. For any thread.
class GANTRY_API PendingCall {
 public:
  // A call and the completion that ends it.
  static std::pair<PendingCall, Completion<Value>> make();

  // Waits for the end; throws what went wrong. Once: the value is moved out.
  Value get();
  bool ready() const;

  // Gives the call up: unless it has ended already it ends with OperationCancelled, the driver
  // forgets it, and the reply is dropped when it comes. True when this ended it.
  bool cancel();

  // Stopped by cancel(); for the driver (CallOptions::given_up).
  std::stop_token given_up() const;

  // Runs `callback` with the outcome, on the thread that brings it, or at once when it is here.
  // Instead of get(), and once. The callback must not throw and must not block.
  void then(std::function<void(Outcome<Value>)> callback);

  // co_await pending;
  bool await_ready() const { return ready(); }
  template <class Handle>
  void await_suspend(Handle handle) {
    on_ready([handle]() mutable { handle.resume(); });
  }
  Value await_resume() { return get(); }

 private:
  struct State;
  explicit PendingCall(std::shared_ptr<State> state);
  void on_ready(std::function<void()> resume);

  std::shared_ptr<State> state_;  // shared with the completion
};

}  // namespace gantry
