// SPDX-License-Identifier: Apache-2.0
#include "consumer.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "broker.hpp"

namespace gantry::fake {

Consumer::~Consumer() {
  const std::lock_guard lock(broker_.mutex());
  open_ = false;
  if (fanout_group_ != nullptr) std::erase(*fanout_group_, &fanout_);
  for (auto* const queue : sources_) queue->detach(*this);
  give_back();
}

// Closed, so that none of it is assigned to this consumer again.
void Consumer::give_back() {
  for (auto* const queue : sources_) {
    std::deque<Delivery> left;
    for (auto& delivery : inbox_[queue->rank()]) {
      if (delivery.origin == queue) left.push_back(std::move(delivery));
    }
    queue->give_back(std::move(left));
  }
  for (auto& deliveries : inbox_) deliveries.clear();
}

std::optional<Delivery> Consumer::take(Deadline deadline) {
  std::unique_lock lock(broker_.mutex());
  std::optional<Delivery> taken;
  deadline.wait(changed_, lock, [&] {
    taken = next();
    return taken || stopped_;
  });
  return taken;
}

void Consumer::pause() noexcept {
  const std::lock_guard lock(broker_.mutex());
  if (!std::exchange(open_, false)) return;
  give_back();
}

void Consumer::resume() noexcept {
  {
    const std::lock_guard lock(broker_.mutex());
    open_ = !stopped_;
  }
  changed_.notify_one();
}

void Consumer::stop() noexcept {
  {
    const std::lock_guard lock(broker_.mutex());
    stopped_ = true;
    open_ = false;
  }
  changed_.notify_one();
}

void Consumer::subscribe(Queue& queue) {
  if (std::ranges::find(sources_, &queue) != sources_.end()) return;
  sources_.push_back(&queue);
  queue.attach(*this);
}

void Consumer::join_fanout(std::vector<Queue*>& group) {
  subscribe(fanout_);
  group.push_back(&fanout_);
  fanout_group_ = &group;
}

bool Consumer::has_room() const {
  return open_ && inbox_[own].size() + inbox_[shared].size() < kPrefetch;
}

void Consumer::put(Delivery delivery) {
  inbox_[delivery.origin->rank()].push_back(std::move(delivery));
  changed_.notify_one();
}

bool Consumer::holds(std::string_view msg_id) const {
  return std::ranges::any_of(inbox_, [&](const auto& deliveries) {
    return std::ranges::find(deliveries, msg_id, &Delivery::msg_id) != deliveries.end();
  });
}

std::optional<Delivery> Consumer::next() {
  const bool paused = !open_ && !stopped_;
  if (paused) return std::nullopt;
  const auto first = own_in_a_row_ < kOwnInARow ? own : shared;
  for (const auto rank : {first, first == own ? shared : own}) {
    if (auto delivery = next_of(rank)) {
      own_in_a_row_ = rank == own ? own_in_a_row_ + 1 : 0;
      return delivery;
    }
  }
  return std::nullopt;
}

// What was assigned is older than what its queue still stores; after stop it is all there is.
std::optional<Delivery> Consumer::next_of(Rank rank) {
  auto& assigned = inbox_[rank];
  while (true) {
    Delivery delivery;
    if (!assigned.empty()) {
      delivery = std::move(assigned.front());
      assigned.pop_front();
    } else if (auto* const source = oldest_source(rank); source != nullptr && open_) {
      delivery = source->pop();
    } else {
      return std::nullopt;
    }
    if (!delivery.expires.expired()) return delivery;
  }
}

Queue* Consumer::oldest_source(Rank rank) const {
  Queue* found = nullptr;
  for (auto* const queue : sources_) {
    if (queue->rank() != rank || queue->oldest() == nullptr) continue;
    if (found == nullptr || queue->oldest()->sequence < found->oldest()->sequence) found = queue;
  }
  return found;
}

}  // namespace gantry::fake
