// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/retry.hpp"

#include <algorithm>
#include <random>

namespace gantry {

Backoff::Backoff(Steps steps)
    : steps_(steps), current_(steps.first), random_(std::random_device()()) {}

Backoff::Duration Backoff::next() {
  const auto whole = current_;
  current_ = std::min(current_ + steps_.step, std::max(steps_.most, steps_.first));
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  const auto quarter = static_cast<std::uint64_t>(whole.count() / 4);
  const auto shorter = quarter == 0 ? 0 : (random_ >> 33U) % (quarter + 1);
  return whole - Duration(static_cast<Duration::rep>(shorter));
}

void Backoff::reset() { current_ = steps_.first; }

}  // namespace gantry
