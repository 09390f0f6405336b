// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "fake_bus.hpp"

namespace gantry {
namespace {

const Target kTopic{.topic = "calc"};
const BatchOptions kAnyThread{.on_any_thread = true};

// A listener that may be called on the thread of a caller. Which thread it is in the end is a
// matter of luck, so what has to hold is tried many times.
struct FakeBorrow : FakeBus {
  Receiver open_server() { return server("node-1", kTopic, kAnyThread); }
  std::future<Outcome<Value>> ask(int n, const Target& target = kTopic) {
    CallOptions options;
    options.caller_waits = true;
    return call(target, numbered(n), options);
  }
  int answer_to(int n) { return static_cast<int>(ask(n).get().get().as_int64()); }
};

void answer(const Batch& batch) {
  for (const auto& request : batch) request->reply(request->message().body.at("n"));
}

TEST_F(FakeBorrow, FAKE_18_ACallerHandsOverItsRequestWhileTheListenerIsIdle) {
  auto node = open_server();
  std::atomic<std::thread::id> handed_over_by;
  node.listener().start([&](Batch batch) {
    handed_over_by = std::this_thread::get_id();
    answer(batch);
  });
  do {
    EXPECT_EQ(answer_to(1), 1);
  } while (handed_over_by.load() != std::this_thread::get_id());
}

TEST_F(FakeBorrow, FAKE_18_ACallerThatDoesNotWaitGoesOnAtOnce) {
  auto node = open_server();
  std::atomic<int> by_the_caller = 0;
  const auto self = std::this_thread::get_id();
  node.listener().start([&](Batch batch) {
    if (std::this_thread::get_id() == self) ++by_the_caller;
    answer(batch);
  });
  for (int n = 0; n < 100; ++n) EXPECT_EQ(call(kTopic, numbered(n)).get().get(), Value(n));
  EXPECT_EQ(by_the_caller, 0);
}

TEST_F(FakeBorrow, LSN_6_UnlessItIsAllowedOnlyTheListenersThreadHandsOver) {
  auto node = server("node-1");
  std::atomic<int> by_the_caller = 0;
  const auto self = std::this_thread::get_id();
  node.listener().start([&](Batch batch) {
    if (std::this_thread::get_id() == self) ++by_the_caller;
    answer(batch);
  });
  for (int n = 0; n < 100; ++n) EXPECT_EQ(answer_to(n), n);
  EXPECT_EQ(by_the_caller, 0);
}

TEST_F(FakeBorrow, LSN_6_BatchesComeOneAfterTheOtherAndNoneIsLost) {
  auto node = open_server();
  std::atomic<int> inside = 0;
  node.listener().start([&](Batch batch) {
    EXPECT_EQ(++inside, 1);
    answer(batch);
    --inside;
  });
  std::vector<std::jthread> callers;
  for (int t = 0; t < 6; ++t) {
    callers.emplace_back([&, t] {
      for (int n = t * 1000; n < t * 1000 + 200; ++n) EXPECT_EQ(answer_to(n), n);
    });
  }
}

TEST_F(FakeBorrow, MSG_10_CallsAndCastsOfOneThreadKeepTheirOrder) {
  auto node = open_server();
  std::vector<std::int64_t> order;
  std::vector<std::future<Outcome<Value>>> answers;
  node.listener().start([&](Batch batch) {
    order.push_back(batch.front()->message().body.at("n").as_int64());
    answer(batch);
  });
  for (int n = 0; n < 300; ++n) {
    if (n % 3 == 0) {
      cast(kTopic, n);
    } else {
      answers.push_back(ask(n));
    }
  }
  EXPECT_EQ(answer_to(300), 300);
  node.listener().stop();
  EXPECT_EQ(order.size(), 301U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(FakeBorrow, DRV_22_ACallWithinTheCallbackWaitsForItsTurn) {
  auto node = open_server();
  int depth = 0;
  std::vector<std::future<Outcome<Value>>> further;
  node.listener().start([&](Batch batch) {
    EXPECT_EQ(++depth, 1);
    const auto n = batch.front()->message().body.at("n").as_int64();
    if (n > 0) further.push_back(ask(static_cast<int>(n) - 1));
    answer(batch);
    --depth;
  });
  for (int i = 0; i < 50; ++i) EXPECT_EQ(answer_to(20), 20);
  node.listener().stop();
  EXPECT_GE(further.size(), 50U);
}

TEST_F(FakeBorrow, LSN_11_StopFromWithinTheCallbackOnACallersThread) {
  for (int i = 0; i < 100; ++i) {
    const Target topic{.topic = "calc-" + std::to_string(i)};
    auto node = server("node-1", topic, kAnyThread);
    std::atomic<int> handed_over = 0;
    node.listener().start([&](Batch batch) {
      if (++handed_over == 3) node.listener().stop();
      answer(batch);
    });
    for (int n = 0; n < 3; ++n) EXPECT_EQ(ask(n, topic).get().get(), Value(n));
    cast(topic, 4);
    node.listener().stop();
    EXPECT_EQ(handed_over, 3);
  }
}

TEST_F(FakeBorrow, LSN_7_NothingFollowsAStopThatRacesWithCallers) {
  for (int i = 0; i < 50; ++i) {
    auto node = open_server();
    std::atomic<bool> stopped = false;
    node.listener().start([&](Batch batch) {
      EXPECT_FALSE(stopped);
      answer(batch);
    });
    std::vector<std::jthread> callers;
    for (int t = 0; t < 2; ++t) {
      callers.emplace_back([&] {
        for (int n = 0; n < 20; ++n) ask(n);
      });
    }
    node.listener().stop();
    stopped = true;
  }
}

TEST_F(FakeBorrow, SRV_20_APauseFromWithinTheCallbackHoldsBackAndAResumeGoesOn) {
  auto node = open_server();
  node.listener().start([&](Batch batch) {
    node.listener().pause();
    answer(batch);
  });
  for (int n = 0; n < 100; ++n) {
    EXPECT_EQ(answer_to(n), n);
    node.listener().resume();
  }
}

}  // namespace
}  // namespace gantry
