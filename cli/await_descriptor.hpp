// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "gantry/deadline.hpp"

namespace gantry::cli {

constexpr std::chrono::milliseconds kLongestPoll = std::chrono::hours(1);

// Whether there is something to read by then, or the end of what there is to read.
inline bool await_readable(int descriptor, Deadline deadline) {
  pollfd one{descriptor, POLLIN, 0};
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.remaining());
    const int ready = ::poll(&one, 1, static_cast<int>(std::min(left, kLongestPoll).count()));
    if (ready > 0) return true;
  } while (!deadline.expired());
  return false;
}

}  // namespace gantry::cli
