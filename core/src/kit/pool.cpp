// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/pool.hpp"

#include <fmt/format.h>

namespace gantry {

InvalidConnectionReuse::~InvalidConnectionReuse() = default;

void PoolLimits::check() const {
  if (max == 0) throw InvalidArgument("a pool of at most 0 items: it has to be at least 1");
  if (min > max) {
    throw InvalidArgument(fmt::format("a pool that keeps {} items, but has at most {}", min, max));
  }
  if (ttl.count() < 0) throw InvalidArgument("a pool whose items expire after a negative time");
}

namespace detail {

std::size_t bucket_of(std::chrono::nanoseconds wait) noexcept {
  std::size_t bucket = 0;
  for (std::chrono::nanoseconds limit = std::chrono::milliseconds(1); wait >= limit; limit *= 10) {
    if (++bucket == PoolStatistics().waits.size() - 1) break;
  }
  return bucket;
}

MessagingTimeout pool_timeout(std::size_t max) {
  return MessagingTimeout(
      fmt::format("timed out waiting for the pool: all {} of at most {} are in use", max, max),
      TimeoutCause::pool);
}

std::string pool_exhausted(std::size_t max) {
  return fmt::format(
      "{} of at most {} items of a pool are in use, callers wait: if this lasts, "
      "raise its limit",
      max, max);
}

}  // namespace detail
}  // namespace gantry
