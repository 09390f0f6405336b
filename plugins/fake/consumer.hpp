// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "delivery.hpp"
#include "gantry/deadline.hpp"
#include "queue.hpp"

namespace gantry::fake {

class Broker;

// A listener's place at the broker: the queues it takes from, and the messages assigned to it that
// it has not handed out. Made by the broker; it takes nothing until it is resumed.
//
// One thread at a time has the turn to take. It is the listener's own thread, which may lend it
// while it has nothing to do: then the thread of a caller hands over its request itself, and two
// changes of thread are saved.
class Consumer {
 public:
  explicit Consumer(Broker& broker) : broker_(broker) {}
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();  // what it has not handed out goes back to the queues

  // Waits for a message that has not expired. None: the deadline passed, or it was stopped and has
  // handed out everything. [one thread]
  std::optional<Delivery> take(Deadline deadline);

  // From now on the turn may be lent. The borrower calls `hand_over`, which takes with
  // take_borrowed until that gives nothing. Not for a taker that collects batches.
  void lend(std::function<void()> hand_over);

  // The next message; none, and the turn is given back, when there is none or `left` is 0.
  // [borrower]
  std::optional<Delivery> take_borrowed(int left);

  void pause() noexcept;   // what was assigned goes back to the queues, for others to take [any]
  void resume() noexcept;  // [any]
  void stop() noexcept;    // nothing more is assigned; take() drains what was [any]

  // The rest is for broker and queues, which hold the broker's lock but where it says otherwise.
  void subscribe(Queue& queue);
  void serve() noexcept;  // without the lock, by who has borrowed the turn
  void join_fanout(std::vector<Queue*>& group);
  bool has_room() const;
  void put(Delivery&& delivery, Bells& bells);
  bool holds(std::string_view id) const;
  std::size_t count_from(const Queue& queue) const;

 private:
  static constexpr int kOwnInARow = 10;
  static constexpr std::size_t kPrefetch = 100;

  void give_back(Bells& bells);
  std::optional<Delivery> next();
  std::optional<Delivery> next_of(Rank rank);
  Queue* oldest_source(Rank rank) const;

  Broker& broker_;
  const std::shared_ptr<std::condition_variable> bell_ =
      std::make_shared<std::condition_variable>();
  std::vector<Queue*> sources_;  // guarded by the broker's lock, as all below
  Queue fanout_{own};            // this listener's alone; ends with it
  std::vector<Queue*>* fanout_group_ = nullptr;
  std::array<std::deque<Delivery>, kRanks> inbox_;  // in the order of arrival
  int own_in_a_row_ = 0;
  bool open_ = false;  // resumed and not paused
  bool stopped_ = false;
  bool waiting_ = false;             // the listener's thread sleeps, and has the turn
  bool lent_ = false;                // a sender has the turn
  std::function<void()> hand_over_;  // null: the turn is not lent
};

}  // namespace gantry::fake
