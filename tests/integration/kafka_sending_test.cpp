// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "mock_cluster.hpp"
#include "raw_kafka.hpp"

// What waits before it is sent, and what it waits for.
namespace gantry::test {
namespace {

struct KafkaSendingTest : testing::Test {
  MockCluster cluster;

  // Counts the ends of sends.
  class Ends {
   public:
    Completion<void> one() {
      return Completion<void>([this](const Outcome<void>& end) {
        const std::lock_guard lock(mutex_);
        ++(end.failed() ? failed_ : sent_);
        changed_.notify_all();
      });
    }
    bool wait_for(int count) {
      std::unique_lock lock(mutex_);
      return Deadline::after(kPatience).wait(changed_, lock,
                                             [&] { return sent_ + failed_ >= count; });
    }
    int sent() {
      const std::lock_guard lock(mutex_);
      return sent_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int sent_ = 0;  // guarded by mutex_, as the next
    int failed_ = 0;
  };

  static void notify(Transport& transport, const std::string& topic, int n, Deadline deadline,
                     Completion<void>&& done, int retry = -1) {
    transport.send_notification({.topic = topic}, event(n), Envelope::v2,
                                {.deadline = deadline, .retry = retry}, std::move(done));
  }
};

TEST_F(KafkaSendingTest, ATopicWithoutALeaderHoldsUpNoOther) {
  cluster.create("mute");
  cluster.create("fine");
  cluster.orphan("mute");
  auto transport = open_kafka(cluster.url());
  Ends mute;
  notify(transport, "mute", 1, Deadline::after(kPatience), mute.one());
  EXPECT_NO_THROW(
      transport.send_notification({.topic = "fine"}, event(2), Envelope::v2,
                                  {.deadline = Deadline::after(kPatience / 2), .retry = 0}));
  cluster.lead("mute");
  EXPECT_TRUE(mute.wait_for(1));
  EXPECT_EQ(mute.sent(), 1);
}

TEST_F(KafkaSendingTest, WhoeverIsToldOfAnEndMaySendIntoAFullQueue) {
  cluster.create("t");
  auto transport = open_kafka(cluster.url() + "?rdkafka=queue.buffering.max.messages:10");
  Ends ends;
  constexpr int many = 10;
  for (int n = 0; n < many; ++n)
    notify(transport, "t", n, Deadline::after(kPatience),
           Completion<void>(
               [&, n, first = std::make_shared<Completion<void>>(ends.one())](Outcome<void> end) {
                 first->tell(std::move(end));
                 notify(transport, "t", many + n, Deadline::after(kPatience / 2), ends.one());
               }));
  EXPECT_TRUE(ends.wait_for(2 * many));
  EXPECT_EQ(ends.sent(), 2 * many);
}

TEST_F(KafkaSendingTest, WhatIsSentWhileOthersWaitKeepsTheOrder) {
  RawKafka peer(cluster.url());
  auto transport = open_kafka(cluster.url());
  for (int round = 0; round < 100; ++round) {
    const auto topic = "t" + std::to_string(round);
    cluster.create(topic);
    Ends ends;
    int n = 0;
    std::atomic<int> first = 0;
    notify(transport, topic, n++, Deadline::after(kPatience),
           Completion<void>([&](const Outcome<void>&) { first = 1; }));
    while (first == 0 || n < 50)
      notify(transport, topic, n++, Deadline::after(kPatience), ends.one());
    ASSERT_TRUE(ends.wait_for(n - 1));
    std::vector<int> stored;
    for (const auto& record : peer.read_all(topic))
      stored.push_back(number_of(wire::decode_notification_record(record.value)));
    ASSERT_TRUE(std::ranges::is_sorted(stored)) << "round " << round << " of " << n;
  }
}

TEST_F(KafkaSendingTest, ManyThatWaitedForABrokerAreSentAtOnce) {
  cluster.create("t");
  cluster.down();
  auto transport = open_kafka(cluster.url());
  Ends ends;
  constexpr int many = 100000;
  for (int n = 0; n < many; ++n) notify(transport, "t", n, Deadline::after(kPatience), ends.one());
  cluster.up();
  EXPECT_TRUE(ends.wait_for(many));
  EXPECT_EQ(ends.sent(), many);
}

}  // namespace
}  // namespace gantry::test
