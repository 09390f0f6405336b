// SPDX-License-Identifier: Apache-2.0
#include "gantry/clock.hpp"

#include <algorithm>
#include <mutex>

namespace gantry {

constinit std::atomic<Clock::rep> Clock::stopped_at_{Clock::kRuns};

namespace detail {
namespace {

constinit std::mutex mutex;
constinit Sleeper* first = nullptr;  // of a list, guarded by mutex as its links are

}  // namespace

Sleeper::Sleeper(Clock::time_point until, std::condition_variable& changed)
    : until_(until), changed_(changed), link_(&first) {
  const std::lock_guard lock(mutex);
  next_ = first;
  first = this;
  if (next_ != nullptr) next_->link_ = &next_;
}

Sleeper::~Sleeper() {
  const std::lock_guard lock(mutex);
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
}

Clock::time_point Sleeper::earliest() {
  const std::lock_guard lock(mutex);
  auto found = Clock::time_point::max();
  for (const auto* one = first; one != nullptr; one = one->next_) {
    found = std::min(found, one->until_);
  }
  return found;
}

bool Sleeper::wake(Clock::time_point now) {
  const std::lock_guard lock(mutex);
  bool found = false;
  for (const auto* one = first; one != nullptr; one = one->next_) {
    if (one->until_ > now) continue;
    one->changed_.notify_all();
    found = true;
  }
  return found;
}

}  // namespace detail
}  // namespace gantry
