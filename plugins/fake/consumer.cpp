// SPDX-License-Identifier: Apache-2.0
#include "consumer.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "broker.hpp"

namespace gantry::fake {
namespace {

// What is handed over may lead to further calls; those do not borrow, so that nothing piles up.
thread_local bool borrowing = false;

}  // namespace

Consumer::~Consumer() {
  Ringing lock(broker_);
  open_ = false;
  if (fanout_group_ != nullptr) std::erase(*fanout_group_, &fanout_);
  for (auto* const queue : sources_) queue->detach(*this);
  give_back(lock.bells);
}

// Closed, so that none of it is assigned to this consumer again.
void Consumer::give_back(Bells& bells) {
  for (auto* const queue : sources_) {
    std::deque<Delivery> left;
    for (auto& delivery : inbox_[queue->rank()]) {
      if (delivery.origin == queue) left.push_back(std::move(delivery));
    }
    queue->give_back(std::move(left), bells);
  }
  for (auto& deliveries : inbox_) deliveries.clear();
}

std::optional<Delivery> Consumer::take(Deadline deadline) {
  std::unique_lock lock(broker_.mutex());
  std::optional<Delivery> taken;
  deadline.wait(*bell_, lock, [&] {
    if (lent_) return false;
    taken = next();
    waiting_ = !taken && !stopped_;
    return !waiting_;
  });
  waiting_ = false;
  return taken;
}

void Consumer::lend(std::function<void()> hand_over) {
  const std::lock_guard lock(broker_.mutex());
  hand_over_ = std::move(hand_over);
}

std::optional<Delivery> Consumer::take_borrowed(int left) {
  Ringing lock(broker_);
  if (left > 0) {
    if (auto taken = next()) return taken;
  }
  lent_ = false;
  waiting_ = left > 0 && !stopped_;
  if (!waiting_) lock.bells.rung.push_back(bell_);
  return std::nullopt;
}

void Consumer::serve() noexcept {
  borrowing = true;
  hand_over_();
  borrowing = false;
}

void Consumer::pause() noexcept {
  Ringing lock(broker_);
  if (std::exchange(open_, false)) give_back(lock.bells);
}

void Consumer::resume() noexcept {
  {
    const std::lock_guard lock(broker_.mutex());
    open_ = !stopped_;
  }
  bell_->notify_one();
}

void Consumer::stop() noexcept {
  {
    const std::lock_guard lock(broker_.mutex());
    stopped_ = true;
    open_ = false;
  }
  bell_->notify_one();
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

void Consumer::put(Delivery&& delivery, Bells& bells) {
  append(inbox_[delivery.origin->rank()], std::move(delivery));
  if (!std::exchange(waiting_, false)) return;
  lent_ = hand_over_ && bells.may_borrow && bells.borrowed == nullptr && !borrowing;
  if (lent_) {
    bells.borrowed = this;
  } else {
    bells.rung.push_back(bell_);
  }
}

bool Consumer::holds(std::string_view id) const {
  return std::ranges::any_of(inbox_, [&](const auto& deliveries) {
    return std::ranges::any_of(
        deliveries, [&](const Delivery& delivery) { return delivery.parcel->is_call_of(id); });
  });
}

std::size_t Consumer::count_from(const Queue& queue) const {
  const auto from_it = [&](const Delivery& delivery) { return delivery.origin == &queue; };
  return static_cast<std::size_t>(std::ranges::count_if(inbox_[queue.rank()], from_it));
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

// The oldest of what was assigned and what lies in the queues; after stop only the former.
std::optional<Delivery> Consumer::next_of(Rank rank) {
  auto& assigned = inbox_[rank];
  while (true) {
    auto* const source = open_ ? oldest_source(rank) : nullptr;
    if (source == nullptr && assigned.empty()) return std::nullopt;
    std::optional<Delivery> delivery;
    if (source == nullptr ||
        (!assigned.empty() && assigned.front().sequence < source->oldest()->sequence)) {
      delivery = std::move(assigned.front());
      assigned.pop_front();
    } else {
      delivery = source->pop();
    }
    if (delivery->parcel->expires.expired()) continue;
    if (std::exchange(delivery->twice, false)) assigned.push_front(copy_of(*delivery));
    return delivery;
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
