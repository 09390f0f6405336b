// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "delivery.hpp"

namespace gantry::fake {

class Consumer;

// What is to be done once the broker's lock is released.
struct Bells {
  // Who is woken: sooner, a thread would run into that lock. Shared with their consumers, which may
  // be gone by then.
  std::vector<std::shared_ptr<std::condition_variable>> rung{};
  bool may_borrow = false;       // this thread would rather hand over itself than wake another one
  Consumer* borrowed = nullptr;  // whose turn this thread has; it lives until that is given back
};

// A server looks at its own messages before those that it shares with others (FAKE-9).
enum Rank : std::size_t { own, shared, kRanks };

// At the end, or before the last where it overtakes.
void append(std::deque<Delivery>& deliveries, Delivery&& delivery);

// A FIFO whose messages go to its consumers in strict rotation (FAKE-8). A message is assigned when
// it arrives, so that a burst is spread evenly whoever wakes first; it is stored only while no
// consumer takes any. Guarded by the lock of its broker.
class Queue {
 public:
  explicit Queue(Rank rank) : rank_(rank) {}

  Rank rank() const { return rank_; }
  void attach(Consumer& consumer) { consumers_.push_back(&consumer); }
  void detach(Consumer& consumer) { std::erase(consumers_, &consumer); }
  bool is_consumed() const { return !consumers_.empty(); }

  void push(Delivery&& delivery, Bells& bells);

  // Takes back what a consumer did not hand out, in its old place.
  void give_back(std::deque<Delivery> deliveries, Bells& bells);

  const Delivery* oldest() const { return stored_.empty() ? nullptr : &stored_.front(); }
  Delivery pop();

  // Whether a call lies here, or is assigned to a consumer that has not handed it out.
  bool holds(std::string_view id) const;

  // What lies here or is assigned to a consumer that has not handed it out.
  std::size_t size() const;

  // What is stored here is stored there as well (FAKE-10).
  void copy_to(Queue& other, Bells& bells) const;

 private:
  void assign(Bells& bells);
  void drop_expired();
  Consumer* next_ready();

  const Rank rank_;
  std::deque<Delivery> stored_;
  std::vector<Consumer*> consumers_;
  std::size_t next_ = 0;  // whose turn it is
};

}  // namespace gantry::fake
