// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <vector>

namespace gantry {
namespace {

TEST(WorkerPool, SRV_2_RunsAsManyJobsAtOnceAsItHasWorkers) {
  constexpr int workers = 4;
  std::latch all_running(workers);
  WorkerPool pool({.workers = workers, .backlog = 100});
  for (int i = 0; i < workers; ++i) pool.run([&] { all_running.arrive_and_wait(); });
  pool.finish();
  EXPECT_TRUE(all_running.try_wait());
}

TEST(WorkerPool, SRV_5_FinishRunsEverythingAccepted) {
  std::atomic<int> done = 0;
  WorkerPool pool({.workers = 1, .backlog = 2});
  for (int i = 0; i < 100; ++i) pool.run([&] { ++done; });
  pool.finish();
  EXPECT_EQ(done, 100);
}

TEST(WorkerPool, SRV_19_OneWorkerKeepsTheOrder) {
  std::vector<int> order;
  WorkerPool pool({.workers = 1, .backlog = 100});
  for (int i = 0; i < 50; ++i) pool.run([&order, i] { order.push_back(i); });
  pool.finish();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order.at(static_cast<std::size_t>(i)), i);
}

TEST(WorkerPool, SRV_17_TellsWhenTheBacklogIsFullAndWhenThereIsRoomInTurns) {
  std::mutex mutex;
  std::vector<char> told;
  const auto note = [&](char what) {
    const std::lock_guard lock(mutex);
    told.push_back(what);
  };
  std::latch go(1);
  WorkerPool pool(
      {.workers = 1, .backlog = 4}, [&] { note('f'); }, [&] { note('r'); });
  for (int i = 0; i < 20; ++i) pool.run([&] { go.wait(); });
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(told, std::vector<char>{'f'});
  }
  go.count_down();
  pool.finish();
  EXPECT_EQ(told, (std::vector<char>{'f', 'r'}));
}

TEST(WorkerPool, SRV_17_TheTwoCallsAlternateUnderContention) {
  std::mutex mutex;
  std::vector<char> told;
  const auto note = [&](char what) {
    const std::lock_guard lock(mutex);
    told.push_back(what);
  };
  {
    WorkerPool pool(
        {.workers = 3, .backlog = 2}, [&] { note('f'); }, [&] { note('r'); });
    std::vector<std::jthread> producers;
    for (int p = 0; p < 3; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) pool.run([] {});
      });
    }
    producers.clear();
    pool.finish();
  }
  for (std::size_t i = 0; i < told.size(); ++i) ASSERT_EQ(told[i], i % 2 == 0 ? 'f' : 'r') << i;
  EXPECT_EQ(told.size() % 2, 0U);
}

TEST(WorkerPool, SRV_23_ThreadsStartOnDemand) {
  WorkerPool pool({.workers = 64, .backlog = 128});
  EXPECT_EQ(pool.threads(), 0U);
  std::latch ran(1);
  pool.run([&] { ran.count_down(); });
  ran.wait();
  EXPECT_EQ(pool.threads(), 1U);
}

TEST(WorkerPool, SRV_16_KnowsItsOwnThreads) {
  WorkerPool pool({.workers = 1, .backlog = 1});
  WorkerPool other({.workers = 1, .backlog = 1});
  std::atomic<bool> own = false;
  std::atomic<bool> foreign = true;
  pool.run([&] {
    own = pool.on_worker();
    foreign = other.on_worker();
  });
  pool.finish();
  EXPECT_TRUE(own);
  EXPECT_FALSE(foreign);
  EXPECT_FALSE(pool.on_worker());
}

}  // namespace
}  // namespace gantry
