// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <vector>

#include "fake_bus.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;

using FakeNotify = FakeBus;

const Target kInfo{.topic = "events.info"};
const std::vector<Subscription> kInfoOfEvents{{{.topic = "events"}, "info"}};

TEST_F(FakeNotify, DRV_12_ANotificationWaitsForItsFirstListener) {
  notify(kInfo, 1);
  EXPECT_EQ(listener(kInfoOfEvents).start().receive_number(), 1);
}

TEST_F(FakeNotify, DRV_13_BothFormatsArrive) {
  notify(kInfo, 1, Envelope::v1);
  notify(kInfo, 2, Envelope::v2);
  EXPECT_THAT(listener(kInfoOfEvents).start().receive_numbers(2), ElementsAre(1, 2));
}

TEST_F(FakeNotify, DRV_14_OnlyTheSubscribedPrioritiesArriveWhateverTheServer) {
  notify({.topic = "events.error"}, 1);
  notify({.topic = "events.info", .server = "ignored", .fanout = true}, 2);
  EXPECT_EQ(listener(kInfoOfEvents).start().receive_number(), 2);
}

TEST_F(FakeNotify, NLSN_10_SeveralTopicsOnOneListenerComeInTheirOrder) {
  notify({.topic = "b.info"}, 1);
  notify({.topic = "a.info"}, 2);
  notify({.topic = "b.info"}, 3);
  auto both = listener({{{.topic = "a"}, "info"}, {{.topic = "b"}, "info"}});
  EXPECT_THAT(both.start().receive_numbers(3), ElementsAre(1, 2, 3));
}

TEST_F(FakeNotify, NLSN_10_ANewMessageDoesNotOvertakeAnOlderOneOfAnotherTopic) {
  notify({.topic = "b.info"}, 1);
  notify({.topic = "a.info"}, 2);
  auto both = listener({{{.topic = "a"}, "info"}, {{.topic = "b"}, "info"}});
  std::vector<std::int64_t> order;
  std::promise<void> all;
  both.listener().start([&](Batch batch) {
    order.push_back(batch.front()->message().body.at("n").as_int64());
    if (order.back() == 1) notify({.topic = "b.info"}, 3);
    if (order.back() == 3) all.set_value();
    batch.front()->acknowledge();
  });
  all.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(FakeNotify, FAKE_5_EachPoolGetsACopyAndItsMembersShareIt) {
  auto alone = listener(kInfoOfEvents, "p1");
  auto one = listener(kInfoOfEvents, "p2");
  auto two = listener(kInfoOfEvents, "p2");
  auto fallback = listener(kInfoOfEvents);
  for (auto* each : {&alone, &one, &two, &fallback}) each->start();
  for (int n = 0; n < 10; ++n) notify(kInfo, n);
  alone.await(10);
  fallback.await(10);
  one.await(5);
  two.await(5);
  for (auto* each : {&alone, &one, &two, &fallback}) each->listener().stop();
  EXPECT_EQ(alone.waiting(), 10U);
  EXPECT_EQ(one.waiting() + two.waiting(), 10U);
  EXPECT_EQ(fallback.waiting(), 10U);
}

TEST_F(FakeNotify, FAKE_10_ANewPoolStartsWithACopyOfWhatTheDefaultStores) {
  notify(kInfo, 1);
  EXPECT_EQ(listener(kInfoOfEvents, "late").start().receive_number(), 1);
  EXPECT_EQ(listener(kInfoOfEvents).start().receive_number(), 1);
}

TEST_F(FakeNotify, FAKE_11_EveryPoolHasACopyOfItsOwn) {
  auto one = listener(kInfoOfEvents, "p1");
  auto two = listener(kInfoOfEvents, "p2");
  notify(kInfo, 1);
  const auto changed = one.start().receive();
  changed->message().body["n"] = 2;
  EXPECT_EQ(two.start().receive_number(), 1);
  changed->acknowledge();
}

TEST_F(FakeNotify, FAKE_16_ARequeuedMessageGoesBackToItsOwnPoolOnly) {
  auto p1 = listener(kInfoOfEvents, "p1");
  auto p2 = listener(kInfoOfEvents, "p2");
  notify(kInfo, 1);
  notify(kInfo, 2);
  const auto first = p1.start().receive();
  EXPECT_FALSE(first->facts().redelivered);
  first->requeue();
  auto second = p1.receive();
  EXPECT_EQ(second->message().body.at("n"), Value(2));
  const auto again = p1.receive();
  EXPECT_EQ(again->message().body.at("n"), Value(1));
  EXPECT_TRUE(again->facts().redelivered);
  again->acknowledge();
  second->acknowledge();
  EXPECT_THAT(p2.start().receive_numbers(2), ElementsAre(1, 2));
}

TEST_F(FakeNotify, MSG_9_AMessageSettlesOnceAndAnUnsettledOneComesAgain) {
  auto only = listener(kInfoOfEvents);
  only.start();
  notify(kInfo, 1);
  {
    const auto settled = only.receive();
    settled->acknowledge();
    settled->requeue();
  }
  notify(kInfo, 2);
  only.receive().reset();
  const auto again = only.receive();
  EXPECT_EQ(again->message().body.at("n"), Value(2));
  again->acknowledge();
}

TEST_F(FakeNotify, DRV_15_StopAndStartOfMembersLosesNothing) {
  {
    auto first = listener(kInfoOfEvents, "p1");
    first.start();
    notify(kInfo, 1);
    first.receive()->acknowledge();
  }
  notify(kInfo, 2);
  EXPECT_EQ(listener(kInfoOfEvents, "p1").start().receive_number(), 2);
}

}  // namespace
}  // namespace gantry
