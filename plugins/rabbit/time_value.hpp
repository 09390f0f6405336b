// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/time.h>

#include <algorithm>
#include <chrono>

#include "gantry/deadline.hpp"

namespace gantry::rabbit {

// A limit as rabbitmq-c takes it.
inline timeval time_value(std::chrono::milliseconds duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {whole.count(), std::chrono::microseconds(duration - whole).count()};
}

// What is left until the deadline, which is not "never"; a millisecond when it has passed.
inline timeval time_value(Deadline deadline) {
  using std::chrono::milliseconds;
  return time_value(
      std::max(std::chrono::ceil<milliseconds>(deadline.remaining()), milliseconds(1)));
}

}  // namespace gantry::rabbit
