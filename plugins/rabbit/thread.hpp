// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <functional>
#include <memory>

#include "gantry/deadline.hpp"

namespace gantry::rabbit {

// A thread with a stack of 16 MiB: rabbitmq-c decodes nested tables by recursion, and what a frame
// may hold needs up to 13 MiB (std::jthread cannot be given a stack). Joined by its destructor.
class BigStackThread {
 public:
  explicit BigStackThread(std::function<void()> work);  // `work` must not throw
  BigStackThread(const BigStackThread&) = delete;
  BigStackThread& operator=(const BigStackThread&) = delete;
  ~BigStackThread();

  bool is_current() const noexcept { return ::pthread_equal(thread_, ::pthread_self()) != 0; }
  // Waits for the end of `work`; false when the deadline came first.
  bool ended(Deadline deadline) const;

 private:
  struct State;
  static void* run(void* state);

  const std::unique_ptr<State> state_;
  pthread_t thread_;
};

}  // namespace gantry::rabbit
