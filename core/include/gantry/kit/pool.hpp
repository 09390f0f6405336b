// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/error.hpp"
#include "gantry/export.hpp"
#include "gantry/log.hpp"

namespace gantry {

// A lease was used after its item had gone back.
class GANTRY_API InvalidConnectionReuse : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~InvalidConnectionReuse() override;
};

struct PoolLimits {
  std::size_t max = 30;  // items in existence, lent ones included
  std::size_t min = 2;   // idle items that are kept beyond their ttl, if they are healthy
  std::chrono::milliseconds ttl = std::chrono::minutes(20);  // how long an item may lie idle

  // Throws InvalidArgument: max is at least 1 and not below min, ttl is not negative.
  GANTRY_API void check() const;
};

struct PoolStatistics {
  std::size_t idle = 0;
  std::size_t lent = 0;  // those being created included
  std::size_t waiting = 0;
  std::uint64_t created = 0;
  std::uint64_t create_failures = 0;
  std::uint64_t expired = 0;
  std::uint64_t timeouts = 0;
  // How long those waited who had to: below 1 ms, 10 ms, 100 ms, 1 s, 10 s, and longer.
  std::array<std::uint64_t, 6> waits{};
};

namespace detail {
GANTRY_API std::size_t bucket_of(
    std::chrono::nanoseconds wait) noexcept;  // of PoolStatistics::waits
GANTRY_API MessagingTimeout pool_timeout(std::size_t max);
GANTRY_API std::string pool_exhausted(std::size_t max);
}  // namespace detail

// Items to lend, connections for example, made on demand (semantics §11). The one that came back
// last is lent first; one that lay idle longer than its ttl is never lent. Who finds all of them
// lent waits in line. Items are made, reset, checked and destroyed with no lock held. An item's
// destructor closes it and does not throw.
//
//   Pool<Connection> pool({.max = 30}, {.create = connect});
//   auto connection = pool.lend(deadline);
//   connection->publish(…);                  // goes back at the end of the scope
//
// For any thread. Leases end before the pool does.
template <class Item>
class Pool {
 public:
  using Clock = gantry::Clock;

  struct Actions {
    // Makes an item by `deadline`, `retry` as in SendOptions; what it throws reaches the borrower.
    std::function<std::unique_ptr<Item>(Deadline deadline, int retry)> create{};
    // Readies a returned item for the next borrower; false, or a throw: it is of no use any more.
    std::function<bool(Item&)> reset{};
    // Whether an idle item beyond its ttl may stay, with a new one; without it, it may not.
    std::function<bool(Item&)> healthy{};
    std::function<Clock::time_point()> now = Clock::now;  // the ttl's clock
  };

  // Lends one item, and gives it back when it is destroyed or closed.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(other.pool_), item_(std::move(other.item_)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(item_, other.item_);
      return *this;
    }
    ~Lease() { close(); }

    // Throws InvalidConnectionReuse when the item has gone back.
    Item& operator*() const {
      if (!item_)
        throw InvalidConnectionReuse("the item went back to its pool: borrow another one");
      return *item_;
    }
    Item* operator->() const { return &**this; }

    void close() noexcept {
      if (item_) pool_->take_back(std::move(item_));
    }
    // For an item known to be broken: it is destroyed instead, and its place is free.
    void discard() noexcept {
      if (item_) pool_->drop(std::move(item_));
    }

   private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Item> item) : pool_(&pool), item_(std::move(item)) {}

    Pool* pool_;
    std::unique_ptr<Item> item_;
  };

  // Throws InvalidArgument for limits that contradict each other.
  Pool(PoolLimits limits, Actions actions) : limits_(limits), actions_(std::move(actions)) {
    limits_.check();
    idle_.reserve(limits_.max);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { close_all(); }

  // Throws MessagingTimeout (cause: pool) when no item is free by `deadline`, TransportClosed after
  // close_all, and what `create` throws.
  Lease lend(Deadline deadline, int retry = -1) {
    std::vector<Idle> expired;  // destroyed after the lock is released
    std::unique_lock lock(mutex_);
    check_open();
    expire(expired, limits_.min);
    if (!idle_.empty() && is_expired(idle_.back())) expire(expired, 0);
    if (!idle_.empty()) return Lease(*this, pop_newest());
    std::unique_ptr<Item> item;
    if (lent_ < limits_.max) {
      ++lent_;
    } else {
      item = wait_for_turn(lock, deadline);
    }
    lock.unlock();
    expired.clear();
    return Lease(*this, item ? std::move(item) : create(deadline, retry));
  }

  // Expiry without traffic: the oldest idle items beyond their ttl go while there are more than
  // `min`, the others are checked. To be called now and then, see reap_interval.
  void reap() {
    std::vector<Idle> expired;
    std::vector<Idle> doubtful;
    {
      const std::lock_guard lock(mutex_);
      expire(expired, limits_.min);
      const auto fresh = std::find_if(idle_.begin(), idle_.end(),
                                      [this](const Idle& idle) { return !is_expired(idle); });
      doubtful.assign(std::move_iterator(idle_.begin()), std::move_iterator(fresh));
      idle_.erase(idle_.begin(), fresh);
      lent_ += doubtful.size();
    }
    for (auto& idle : doubtful) {
      if (succeeds(actions_.healthy, *idle.item, false)) {
        put(std::move(idle.item));
      } else {
        drop(std::move(idle.item));
      }
    }
  }

  std::chrono::milliseconds reap_interval() const {
    using std::chrono::seconds;
    return std::clamp<std::chrono::milliseconds>(limits_.ttl / 10, seconds(1), seconds(30));
  }

  // Destroys idle items now and lent ones when they come back; ends every wait with
  // TransportClosed.
  void close_all() noexcept {
    std::vector<Idle> closed;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closed.swap(idle_);
    for (auto* waiter : waiters_) waiter->told.notify_one();
  }

  PoolStatistics statistics() const {
    const std::lock_guard lock(mutex_);
    auto statistics = counted_;
    statistics.idle = idle_.size();
    statistics.lent = lent_;
    statistics.waiting = waiters_.size();
    return statistics;
  }

 private:
  struct Idle {
    std::unique_ptr<Item> item;
    Clock::time_point since;
  };
  // Lives on the waiting thread's stack. Whoever serves it takes it off the line.
  struct Waiter {
    std::condition_variable told{};
    bool served = false;
    std::unique_ptr<Item> item{};  // none: a place for a new one
  };

  void check_open() const {
    if (closed_) throw TransportClosed("the pool was closed with its transport");
  }

  bool is_expired(const Idle& idle) const { return actions_.now() - idle.since >= limits_.ttl; }

  // Moves expired items out, oldest first, as long as more than `keep` are idle.
  void expire(std::vector<Idle>& expired, std::size_t keep) {
    auto end = idle_.begin();
    while (static_cast<std::size_t>(idle_.end() - end) > keep && is_expired(*end)) ++end;
    counted_.expired += static_cast<std::size_t>(end - idle_.begin());
    std::move(idle_.begin(), end, std::back_inserter(expired));
    idle_.erase(idle_.begin(), end);
  }

  std::unique_ptr<Item> pop_newest() {
    auto item = std::move(idle_.back().item);
    idle_.pop_back();
    ++lent_;
    return item;
  }

  // Null: a place is reserved for a new item.
  std::unique_ptr<Item> wait_for_turn(std::unique_lock<std::mutex>& lock, Deadline deadline) {
    Waiter waiter;
    waiters_.push_back(&waiter);
    const auto began = Clock::now();
    warn_of_waiting(lock);
    deadline.wait(waiter.told, lock, [&] { return waiter.served || closed_; });
    ++counted_.waits[detail::bucket_of(Clock::now() - began)];
    if (waiter.served) return std::move(waiter.item);
    waiters_.remove(&waiter);
    check_open();
    ++counted_.timeouts;
    throw detail::pool_timeout(limits_.max);
  }

  // At most once a minute. The lock is released meanwhile: a log line may go anywhere.
  void warn_of_waiting(std::unique_lock<std::mutex>& lock) {
    if (!quiet_until_.expired()) return;
    quiet_until_ = Deadline::after(std::chrono::minutes(1));
    lock.unlock();
    log(LogLevel::warning, detail::pool_exhausted(limits_.max));
    lock.lock();
  }

  std::unique_ptr<Item> create(Deadline deadline, int retry) {
    try {
      auto item = actions_.create(deadline, retry);
      const std::lock_guard lock(mutex_);
      ++counted_.created;
      return item;
    } catch (...) {
      free_place(true);
      throw;
    }
  }

  void take_back(std::unique_ptr<Item> item) noexcept {
    if (succeeds(actions_.reset, *item, true)) {
      put(std::move(item));
    } else {
      drop(std::move(item));
    }
  }

  void put(std::unique_ptr<Item> item) noexcept {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      --lent_;  // and the item is destroyed after the lock is released
    } else if (waiters_.empty()) {
      --lent_;
      idle_.push_back({std::move(item), actions_.now()});
    } else {
      serve_first(std::move(item));
    }
  }

  void drop(std::unique_ptr<Item> item) noexcept {
    free_place(false);
    item.reset();
  }

  void free_place(bool creation_failed) noexcept {
    const std::lock_guard lock(mutex_);
    if (creation_failed) ++counted_.create_failures;
    if (waiters_.empty() || closed_) {
      --lent_;
    } else {
      serve_first({});
    }
  }

  void serve_first(std::unique_ptr<Item> item) noexcept {
    auto& waiter = *waiters_.front();
    waiters_.pop_front();
    waiter.item = std::move(item);
    waiter.served = true;
    waiter.told.notify_one();  // under the lock: without it the waiter might be gone already
  }

  static bool succeeds(const std::function<bool(Item&)>& action, Item& item,
                       bool otherwise) noexcept try {
    return action ? action(item) : otherwise;
  } catch (...) {
    return false;
  }

  const PoolLimits limits_;
  const Actions actions_;
  mutable std::mutex mutex_;
  std::vector<Idle> idle_;      // oldest first; guarded by mutex_, as all below
  std::size_t lent_ = 0;        // those being created included
  std::list<Waiter*> waiters_;  // in the order of arrival; not empty only while all are lent
  PoolStatistics counted_;
  Deadline quiet_until_{Clock::time_point::min()};
  bool closed_ = false;
};

}  // namespace gantry
