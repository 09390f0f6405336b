// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "gantry/kit/timer.hpp"

namespace gantry::fake {

// A line on which everything takes the same time; what goes in first comes out first. [any thread]
class Delay {
 public:
  using Arrival = std::function<void()>;  // must not throw

  explicit Delay(std::chrono::milliseconds latency);
  Delay(const Delay&) = delete;
  Delay& operator=(const Delay&) = delete;
  ~Delay();  // what is under way arrives now

  // Runs `arrival` when the latency has passed, on the timer's thread; at once without a latency.
  void send(Arrival arrival);

 private:
  struct State;
  const std::chrono::milliseconds latency_;
  const std::shared_ptr<Timer> timer_;  // null without a latency
  const std::shared_ptr<State> state_;  // shared with the timer's callback, which may outlive this
};

}  // namespace gantry::fake
