// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/pending_call.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "gantry/error.hpp"

namespace gantry {

struct PendingCall::State {
  std::stop_source given_up;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Outcome<Value>> outcome;         // guarded by mutex, as all below
  bool ended = false;                            // stays true when the outcome is moved out
  std::function<void(Outcome<Value>)> callback;  // gets the outcome
  std::function<void()> resume;                  // is told that it is here

  // False when it had ended already.
  bool end(Outcome<Value> with) {
    std::unique_lock lock(mutex);
    if (std::exchange(ended, true)) return false;
    const auto then = std::exchange(callback, {});
    const auto wake = std::exchange(resume, {});
    if (!then) outcome = std::move(with);
    lock.unlock();
    changed.notify_all();
    if (then) then(std::move(with));
    if (wake) wake();
    return true;
  }
};

PendingCall::PendingCall(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::pair<PendingCall, Completion<Value>> PendingCall::make() {
  auto state = std::make_shared<State>();
  Completion<Value> done([state](Outcome<Value> outcome) { state->end(std::move(outcome)); });
  return {PendingCall(std::move(state)), std::move(done)};
}

Value PendingCall::get() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->ended; });
  if (!state_->outcome) throw InvalidArgument("the result of this call was taken already");
  auto outcome = std::move(*state_->outcome);
  state_->outcome.reset();
  lock.unlock();
  return std::move(outcome).get();
}

bool PendingCall::ready() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ended;
}

bool PendingCall::cancel() {
  const bool ended = state_->end(Outcome<Value>(
      std::make_exception_ptr(OperationCancelled("the call was cancelled by its caller"))));
  if (ended) state_->given_up.request_stop();
  return ended;
}

std::stop_token PendingCall::given_up() const { return state_->given_up.get_token(); }

void PendingCall::then(std::function<void(Outcome<Value>)> callback) {
  std::unique_lock lock(state_->mutex);
  if (!state_->ended) {
    state_->callback = std::move(callback);
    return;
  }
  if (!state_->outcome) throw InvalidArgument("the result of this call was taken already");
  auto outcome = std::move(*state_->outcome);
  state_->outcome.reset();
  lock.unlock();
  callback(std::move(outcome));
}

void PendingCall::on_ready(std::function<void()> resume) {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->ended) {
      state_->resume = std::move(resume);
      return;
    }
  }
  resume();
}

}  // namespace gantry
