// SPDX-License-Identifier: Apache-2.0
#include "queue.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "consumer.hpp"

namespace gantry::fake {

Delivery copy_of(const Delivery& delivery) {
  return {.parcel = delivery.parcel,
          .request = delivery.request ? std::make_unique<Message>(*delivery.request) : nullptr,
          .origin = delivery.origin,
          .sequence = delivery.sequence,
          .redelivered = delivery.redelivered,
          .caller_waits = delivery.caller_waits,
          .twice = delivery.twice,
          .repeats = delivery.repeats,
          .overtakes = delivery.overtakes};
}

void append(std::deque<Delivery>& deliveries, Delivery&& delivery) {
  const bool overtakes = std::exchange(delivery.overtakes, false);
  deliveries.push_back(std::move(delivery));
  if (!overtakes || deliveries.size() < 2) return;
  auto& last = deliveries.back();
  auto& previous = *std::prev(deliveries.end(), 2);
  std::swap(last.sequence, previous.sequence);
  std::swap(last, previous);
}

void Queue::push(Delivery&& delivery, Bells& bells) {
  drop_expired();
  delivery.origin = this;
  // Mostly there is nothing that it could overtake, and somebody who takes it.
  if (stored_.empty() && !delivery.overtakes) {
    if (auto* const consumer = next_ready()) return consumer->put(std::move(delivery), bells);
  }
  append(stored_, std::move(delivery));
  assign(bells);
}

void Queue::give_back(std::deque<Delivery> deliveries, Bells& bells) {
  stored_.insert(stored_.begin(), std::move_iterator(deliveries.begin()),
                 std::move_iterator(deliveries.end()));
  assign(bells);
}

Delivery Queue::pop() {
  auto delivery = std::move(stored_.front());
  stored_.pop_front();
  return delivery;
}

bool Queue::holds(std::string_view id) const {
  const auto is_it = [&](const Delivery& delivery) { return delivery.parcel->is_call_of(id); };
  const auto holds_it = [&](const Consumer* consumer) { return consumer->holds(id); };
  return std::ranges::any_of(stored_, is_it) || std::ranges::any_of(consumers_, holds_it);
}

std::size_t Queue::size() const {
  std::size_t all = stored_.size();
  for (const auto* const consumer : consumers_) all += consumer->count_from(*this);
  return all;
}

void Queue::copy_to(Queue& other, Bells& bells) const {
  for (const auto& delivery : stored_) other.push(copy_of(delivery), bells);
}

void Queue::assign(Bells& bells) {
  while (!stored_.empty()) {
    auto* const consumer = next_ready();
    if (consumer == nullptr) return;
    consumer->put(pop(), bells);
  }
}

// Keeps a queue that nobody consumes from growing for ever. Not at once: the caller's timeout still
// looks for its message, to tell why it was not answered.
void Queue::drop_expired() {
  using namespace std::chrono_literals;
  const auto is_old = [](const Delivery& delivery) {
    const auto expires = delivery.parcel->expires;
    return !expires.is_never() && Deadline(expires.at() + 1s).expired();
  };
  while (!stored_.empty() && is_old(stored_.front())) stored_.pop_front();
}

Consumer* Queue::next_ready() {
  for (std::size_t i = 0; i < consumers_.size(); ++i) {
    auto& consumer = *consumers_[(next_ + i) % consumers_.size()];
    if (!consumer.has_room()) continue;
    next_ = (next_ + i + 1) % consumers_.size();
    return &consumer;
  }
  return nullptr;
}

}  // namespace gantry::fake
