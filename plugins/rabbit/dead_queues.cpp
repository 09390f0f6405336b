// SPDX-License-Identifier: Apache-2.0
#include "dead_queues.hpp"

#include <algorithm>
#include <utility>

namespace gantry::rabbit {

void DeadQueues::add(std::string name) {
  const std::lock_guard lock(mutex_);
  forget_old();
  if (oldest_first_.size() == kMost) oldest_first_.pop_front();
  oldest_first_.push_back({std::move(name), Deadline::after(kMemory)});
}

bool DeadQueues::contains(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (oldest_first_.empty()) return false;
  forget_old();
  return std::ranges::find(oldest_first_, name, &Entry::name) != oldest_first_.end();
}

void DeadQueues::forget_old() {
  while (!oldest_first_.empty() && oldest_first_.front().until.expired()) oldest_first_.pop_front();
}

}  // namespace gantry::rabbit
