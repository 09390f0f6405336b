// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

namespace gantry {
namespace {

using namespace std::chrono_literals;

struct Item {
  explicit Item(int n, std::atomic<int>& open_items) : number(n), open(open_items) { ++open; }
  Item(const Item&) = delete;
  ~Item() { --open; }
  const int number;
  std::atomic<int>& open;
};

using ItemPool = Pool<Item>;

// A pool of numbered items on a clock that stands still.
struct Fixture {
  explicit Fixture(PoolLimits limits) : Fixture(limits, {}) {}
  Fixture(PoolLimits limits, ItemPool::Actions actions)
      : pool(limits, complete(std::move(actions))) {}

  ItemPool::Actions complete(ItemPool::Actions actions) {
    if (!actions.create) actions.create = [this](Deadline, int) { return make(); };
    actions.now = [this] { return ItemPool::Clock::time_point(now.load()); };
    return actions;
  }
  std::unique_ptr<Item> make() { return std::make_unique<Item>(++made, open); }

  std::vector<ItemPool::Lease> lend(int count) {
    std::vector<ItemPool::Lease> leases;
    for (int i = 0; i < count; ++i) leases.push_back(pool.lend(never));
    return leases;
  }

  // Returns once `count` borrowers wait in line.
  void await_waiting(std::size_t count) const {
    while (pool.statistics().waiting != count) std::this_thread::yield();
  }

  std::atomic<int> made = 0;
  std::atomic<int> open = 0;
  std::atomic<ItemPool::Clock::duration> now{1h};
  ItemPool pool;
};

TEST(Pool, POOL_1_NothingIsCreatedUpFront) {
  Fixture f({.max = 4, .min = 2});
  EXPECT_EQ(f.made, 0);
  const auto lease = f.pool.lend(never);
  EXPECT_EQ(f.made, 1);
}

TEST(Pool, POOL_2_TheItemThatCameBackLastIsLentFirst) {
  Fixture f({.max = 4, .min = 2});
  auto leases = f.lend(3);
  for (auto& lease : leases) lease.close();
  EXPECT_EQ(f.pool.lend(never)->number, 3);
  const auto again = f.lend(3);
  EXPECT_EQ(again[0]->number, 3);
  EXPECT_EQ(again[1]->number, 2);
  EXPECT_EQ(again[2]->number, 1);
}

TEST(Pool, POOL_3_SlowCreationsOverlap) {
  std::latch both(2);
  Fixture* fixture = nullptr;
  Fixture f({.max = 2, .min = 0}, {.create = [&](Deadline, int) {
              both.arrive_and_wait();  // ends only when two create at once
              return fixture->make();
            }});
  fixture = &f;
  std::jthread other([&] { f.pool.lend(never); });
  EXPECT_NO_THROW(f.pool.lend(never));
}

TEST(Pool, POOL_4_AtTheMaximumBorrowersShareTheSameItems) {
  Fixture f({.max = 10, .min = 2});
  auto leases = f.lend(10);
  std::vector<std::jthread> borrowers;
  std::atomic<int> served = 0;
  for (int i = 0; i < 10; ++i) {
    borrowers.emplace_back([&] {
      const auto lease = f.pool.lend(never);
      ++served;
    });
  }
  f.await_waiting(10);
  leases.clear();
  borrowers.clear();
  EXPECT_EQ(served, 10);
  EXPECT_EQ(f.made, 10);
}

TEST(Pool, POOL_4_WaitingIsWarnedOfOnceAMinute) {
  std::atomic<int> warnings = 0;
  set_log_sink([&](LogLevel, std::string_view) { ++warnings; });
  Fixture f({.max = 1, .min = 0});
  const auto lease = f.pool.lend(never);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(f.pool.lend(Deadline::after(0ms)), MessagingTimeout);
  set_log_sink({});
  EXPECT_EQ(warnings, 1);
}

TEST(Pool, POOL_5_FailedCreationReachesItsBorrowerAndFreesThePlace) {
  int attempts = 0;
  Fixture* fixture = nullptr;
  Fixture f({.max = 2, .min = 0}, {.create = [&](Deadline, int) {
              if (++attempts == 1) throw TransportDriverError("refused");
              return fixture->make();
            }});
  fixture = &f;
  EXPECT_THROW(f.pool.lend(never), TransportDriverError);
  EXPECT_EQ(f.pool.statistics().create_failures, 1U);
  EXPECT_EQ(f.lend(2).size(), 2U);
}

TEST(Pool, POOL_5_APlaceFreedByAFailureWakesAWaiter) {
  std::promise<void> fail;
  std::atomic<int> attempts = 0;
  Fixture* fixture = nullptr;
  Fixture f({.max = 1, .min = 0}, {.create = [&](Deadline, int) {
              if (++attempts > 1) return fixture->make();
              fail.get_future().wait();
              throw TransportDriverError("refused");
            }});
  fixture = &f;
  std::jthread first([&] { EXPECT_THROW(f.pool.lend(never), TransportDriverError); });
  while (attempts == 0) std::this_thread::yield();
  std::jthread second([&] { EXPECT_EQ(f.pool.lend(never)->number, 1); });
  f.await_waiting(1);
  fail.set_value();
}

TEST(Pool, POOL_6_AReturnedItemIsTheNewestWithAFreshTtlAndWakesOneWaiter) {
  Fixture f({.max = 1, .min = 0, .ttl = 10s});
  auto first = f.pool.lend(never);
  auto waiting = std::async(std::launch::async, [&] { return f.pool.lend(never)->number; });
  while (f.pool.statistics().waiting == 0) std::this_thread::yield();
  f.now.store(1h + 9s);
  first.close();
  EXPECT_EQ(waiting.get(), 1);
  f.now.store(1h + 18s);
  EXPECT_EQ(f.pool.lend(never)->number, 1) << "nine seconds after it came back";
}

TEST(Pool, POOL_7_OldestIdleItemsExpireWhileMoreThanTheMinimumAreIdle) {
  Fixture f({.max = 5, .min = 2, .ttl = 10s});
  auto leases = f.lend(5);
  for (int i = 0; i < 4; ++i) leases[static_cast<std::size_t>(i)].close();
  f.now.store(1h + 10s);
  leases[4].close();
  EXPECT_EQ(f.pool.lend(never)->number, 5);
  EXPECT_EQ(f.pool.statistics().expired, 3U);
  EXPECT_EQ(f.pool.statistics().idle, 2U);
  EXPECT_EQ(f.open, 2);
}

TEST(Pool, POOL_8_TheTtlCountsFromTheLastReturn) {
  Fixture f({.max = 1, .min = 0, .ttl = 10s});
  f.lend(1);
  f.now.store(1h + 9s);
  f.lend(1);
  f.now.store(1h + 18s);
  EXPECT_EQ(f.pool.lend(never)->number, 1);
}

TEST(Pool, POOL_9_AnItemBeyondItsTtlIsNeverLent) {
  Fixture f({.max = 3, .min = 3, .ttl = 100ms});
  f.lend(3);
  f.now.store(1h + 300ms);
  EXPECT_EQ(f.pool.lend(never)->number, 4);
  EXPECT_EQ(f.open, 1);
}

TEST(Pool, POOL_10_IdleItemsExpireWithoutTraffic) {
  Fixture f({.max = 5, .min = 2, .ttl = 10s}, {.healthy = [](Item&) { return true; }});
  f.lend(5);
  f.now.store(1h + 10s);
  f.pool.reap();
  EXPECT_EQ(f.open, 2);
  EXPECT_EQ(f.pool.statistics().idle, 2U);
  EXPECT_LE(f.pool.lend(never)->number, 5) << "the ones that are kept are good to lend again";
}

TEST(Pool, POOL_10_AnUnhealthyItemIsNotKeptAsTheMinimum) {
  for (const auto& check : {std::function<bool(Item&)>(),
                            std::function<bool(Item&)>([](Item& item) { return item.number != 1; }),
                            std::function<bool(Item&)>([](Item& item) {
                              if (item.number == 1) throw TransportDriverError("broken");
                              return true;
                            })}) {
    Fixture f({.max = 2, .min = 2, .ttl = 10s}, {.healthy = check});
    f.lend(2);
    f.now.store(1h + 10s);
    f.pool.reap();
    EXPECT_EQ(f.open, check ? 1 : 0);
    EXPECT_EQ(f.pool.statistics().lent, 0U);
  }
}

TEST(Pool, POOL_10_ReapIntervalIsATenthOfTheTtlWithinBounds) {
  EXPECT_EQ(Fixture({.ttl = 20min}).pool.reap_interval(), 30s);
  EXPECT_EQ(Fixture({.ttl = 50s}).pool.reap_interval(), 5s);
  EXPECT_EQ(Fixture({.ttl = 100ms}).pool.reap_interval(), 1s);
}

// An item whose end asks the pool: it would hang if a lock were held.
struct Asking {
  explicit Asking(std::function<void()> at_end) : ask(std::move(at_end)) {}
  ~Asking() { ask(); }
  std::function<void()> ask;
};

TEST(Pool, POOL_11_ItemsAreDestroyedWithNoLockHeld) {
  Pool<Asking>* asked = nullptr;
  std::atomic<ItemPool::Clock::duration> now{0s};
  int ends = 0;
  bool usable = true;
  Pool<Asking> pool({.max = 3, .min = 0, .ttl = 1s},
                    {.create =
                         [&](Deadline, int) {
                           return std::make_unique<Asking>([&] {
                             asked->statistics();
                             ++ends;
                           });
                         },
                     .reset = [&](Asking&) { return usable; },
                     .now = [&] { return ItemPool::Clock::time_point(now.load()); }});
  asked = &pool;
  pool.lend(never);
  now.store(2s);
  pool.lend(never);  // expired
  EXPECT_EQ(ends, 1);
  pool.lend(never).discard();
  EXPECT_EQ(ends, 2);
  usable = false;
  pool.lend(never);  // not fit to return
  EXPECT_EQ(ends, 3);
  usable = true;
  pool.lend(never);
  auto lent = pool.lend(never);
  auto other = pool.lend(never);
  other.close();
  pool.close_all();
  EXPECT_EQ(ends, 4);
  lent.close();
  EXPECT_EQ(ends, 5);
}

TEST(Pool, POOL_12_TimesOutAtTheDeadline) {
  Fixture f({.max = 1, .min = 0});
  const auto lease = f.pool.lend(never);
  const auto deadline = Deadline::after(20ms);
  try {
    f.pool.lend(deadline);
    FAIL() << "lent twice";
  } catch (const MessagingTimeout& error) {
    EXPECT_EQ(error.cause(), TimeoutCause::pool);
  }
  EXPECT_TRUE(deadline.expired());
  EXPECT_EQ(f.pool.statistics().waiting, 0U);
  EXPECT_EQ(f.pool.statistics().timeouts, 1U);
}

TEST(Pool, POOL_12_WaitersAreServedInTheOrderOfTheirArrival) {
  Fixture f({.max = 1, .min = 0});
  auto lease = f.lend(1);
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.emplace_back([&, i] {
      const auto mine = f.pool.lend(never);
      const std::lock_guard lock(mutex);
      order.push_back(i);
    });
    f.await_waiting(static_cast<std::size_t>(i) + 1);
  }
  lease.clear();
  waiters.clear();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST(Pool, POOL_12_RetryAndDeadlineReachTheCreation) {
  const auto deadline = Deadline::after(1h);
  Fixture* fixture = nullptr;
  Fixture f({.max = 1, .min = 0}, {.create = [&](Deadline given, int retry) {
              EXPECT_EQ(given, deadline);
              EXPECT_EQ(retry, 3);
              return fixture->make();
            }});
  fixture = &f;
  f.pool.lend(deadline, 3);
  EXPECT_EQ(f.made, 1);
}

TEST(Pool, POOL_15_ALeaseReturnsItsItemOnEveryWayOutOfTheScope) {
  Fixture f({.max = 1, .min = 1});
  f.lend(1);
  try {
    const auto lease = f.pool.lend(never);
    throw std::runtime_error("in the scope");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(f.pool.statistics().idle, 1U);
  EXPECT_EQ(f.made, 1);
}

TEST(Pool, POOL_15_ALeaseIsOfNoUseOnceItsItemWentBack) {
  Fixture f({.max = 1, .min = 1});
  auto lease = f.pool.lend(never);
  lease.close();
  EXPECT_THROW(*lease, InvalidConnectionReuse);
  EXPECT_THROW(lease->number, InvalidConnectionReuse);
  lease.close();
  EXPECT_EQ(f.pool.statistics().idle, 1U) << "it goes back once";
}

TEST(Pool, POOL_16_AReturnedItemIsResetFirst) {
  int resets = 0;
  Fixture f({.max = 1, .min = 1}, {.reset = [&](Item&) { return ++resets > 0; }});
  f.lend(1);
  EXPECT_EQ(resets, 1);
}

TEST(Pool, POOL_17_AnItemThatCannotBeResetFreesItsPlaceForAWaiter) {
  Fixture f({.max = 1, .min = 1}, {.reset = [](Item& item) -> bool {
              if (item.number == 1) throw TransportDriverError("gone");
              return true;
            }});
  auto lease = f.lend(1);
  std::jthread waiter([&] { EXPECT_EQ(f.pool.lend(never)->number, 2); });
  f.await_waiting(1);
  lease.clear();
}

TEST(Pool, POOL_18_ClosingDestroysIdleItemsNowAndLentOnesLater) {
  Fixture f({.max = 2, .min = 2});
  auto leases = f.lend(2);
  leases.pop_back();
  f.pool.close_all();
  EXPECT_EQ(f.open, 1);
  leases.clear();
  EXPECT_EQ(f.open, 0);
  EXPECT_EQ(f.pool.statistics().lent, 0U);
  EXPECT_THROW(f.pool.lend(never), TransportClosed);
}

TEST(Pool, POOL_18_ClosingEndsEveryWait) {
  Fixture f({.max = 1, .min = 0});
  const auto lease = f.pool.lend(never);
  std::jthread waiter([&] { EXPECT_THROW(f.pool.lend(never), TransportClosed); });
  f.await_waiting(1);
  f.pool.close_all();
}

TEST(Pool, POOL_19_LimitsThatContradictEachOtherAreRefused) {
  EXPECT_THROW(Fixture({.max = 0, .min = 0}), InvalidArgument);
  EXPECT_THROW(Fixture({.max = 1, .min = 2}), InvalidArgument);
  EXPECT_THROW(Fixture({.ttl = -1ms}), InvalidArgument);
}

TEST(Pool, POOL_20_StatisticsTellWhatHappened) {
  Fixture f({.max = 2, .min = 2});
  auto leases = f.lend(2);
  EXPECT_THROW(f.pool.lend(Deadline::after(0ms)), MessagingTimeout);
  leases.pop_back();
  const auto statistics = f.pool.statistics();
  EXPECT_EQ(statistics.created, 2U);
  EXPECT_EQ(statistics.lent, 1U);
  EXPECT_EQ(statistics.idle, 1U);
  std::uint64_t waits = 0;
  for (const auto bucket : statistics.waits) waits += bucket;
  EXPECT_EQ(waits, 1U);
}

TEST(Pool, POOL_20_WaitsAreCountedByTheirLength) {
  EXPECT_EQ(detail::bucket_of(0ms), 0U);
  EXPECT_EQ(detail::bucket_of(1ms), 1U);
  EXPECT_EQ(detail::bucket_of(99ms), 2U);
  EXPECT_EQ(detail::bucket_of(9s), 4U);
  EXPECT_EQ(detail::bucket_of(1h), 5U);
}

TEST(Pool, POOL_21_APoolCannotBeResized) {
  const auto can_be_resized = [](const auto& pool) {
    return requires { pool.resize(1); }
    || requires { pool.set_limits(PoolLimits{}); };
  };
  EXPECT_FALSE(can_be_resized(Fixture({}).pool));
}

TEST(Pool, StaysWithinItsLimitUnderContention) {
  Fixture f({.max = 3, .min = 1});
  std::atomic<int> in_use = 0;
  std::atomic<int> most = 0;
  std::atomic<int> leases = 0;
  {
    std::vector<std::jthread> borrowers;
    for (int t = 0; t < 8; ++t) {
      borrowers.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) {
          try {
            auto lease = f.pool.lend(i % 10 == 0 ? Deadline::after(50us) : never);
            const int now = ++in_use;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
            }
            --in_use;
            ++leases;
            if ((i + t) % 7 == 0) lease.discard();
          } catch (const MessagingTimeout&) {
          }
        }
      });
    }
  }
  const auto statistics = f.pool.statistics();
  EXPECT_LE(most, 3);
  EXPECT_EQ(leases + static_cast<int>(statistics.timeouts), 8 * 500);
  EXPECT_EQ(statistics.lent, 0U);
  EXPECT_EQ(statistics.waiting, 0U);
  EXPECT_EQ(f.open, static_cast<int>(statistics.idle));
}

}  // namespace
}  // namespace gantry
