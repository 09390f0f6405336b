// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fake_bus.hpp"
#include "gantry/failure.hpp"
#include "gantry/kit/manual_clock.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using FakeRpc = FakeBus;

const Target kTopic{.topic = "calc"};

TEST_F(FakeRpc, FAKE_1_DriversOfOneNameShareTheirExchangesOthersDoNot) {
  auto node = server("node-1");
  node.start();
  const auto same = fake_driver(url);
  send(*same, kTopic, numbered(1));
  EXPECT_EQ(node.receive_number(), 1);
  const auto other = fake_driver(url + "-other");
  EXPECT_THROW(send(*other, kTopic, numbered(2)), MessageUndeliverable);
}

TEST_F(FakeRpc, FAKE_2_AnAbsentOrEmptyExchangeIsTheDefaultOne) {
  auto node = server("node-1", {.exchange = "openstack", .topic = "calc"});
  node.start();
  cast(kTopic, 1);
  cast({.exchange = "", .topic = "calc"}, 2);
  EXPECT_THAT(node.receive_numbers(2), ElementsAre(1, 2));
  EXPECT_THROW(cast({.exchange = "another", .topic = "calc"}, 3), MessageUndeliverable);
}

TEST_F(FakeRpc, FAKE_4_AListenerIsSubscribedBeforeItStarts) {
  auto node = server("node-1");
  cast({.topic = "calc", .fanout = true}, 1);
  cast(kTopic, 2);
  cast({.topic = "calc", .server = "node-1"}, 3);
  EXPECT_THAT(node.start().receive_numbers(3), ElementsAre(1, 3, 2));
}

TEST_F(FakeRpc, RELIABILITY_4_2_WhatNobodyHasEverListenedToIsToldAtOnce) {
  try {
    cast({.topic = "calc", .server = "node-1"}, 1);
    FAIL() << "delivered";
  } catch (const MessageUndeliverable& error) {
    EXPECT_EQ(error.exchange(), "openstack");
    EXPECT_EQ(error.routing_key(), "calc.node-1");
  }
  EXPECT_THROW(call(kTopic, numbered(1)).get().get(), MessageUndeliverable);
}

TEST_F(FakeRpc, LSN_4_AMessageForAServerThatIsAwayWaitsForItsReturn) {
  server("node-1").start();
  cast({.topic = "calc", .server = "node-1"}, 1);
  auto again = server("node-1");
  EXPECT_EQ(again.start().receive_number(), 1);
}

TEST_F(FakeRpc, DRV_4_FAKE_7_FanoutReachesEachLiveListenerOnce) {
  auto a = server("a");
  auto b = server("b");
  auto twin_of_b = server("b");
  cast({.topic = "calc", .server = "a", .fanout = true}, 1);
  for (auto* node : {&a, &b, &twin_of_b}) EXPECT_EQ(node->start().receive_number(), 1);
}

TEST_F(FakeRpc, DRV_5_FanoutStaysWithinItsExchange) {
  auto here = server("node-1");
  auto there = server("node-1", {.exchange = "another", .topic = "calc"});
  here.start();
  there.start();
  cast({.topic = "calc", .fanout = true}, 1);
  cast({.exchange = "another", .topic = "calc", .fanout = true}, 2);
  EXPECT_EQ(here.receive_number(), 1);
  EXPECT_EQ(there.receive_number(), 2);
}

TEST_F(FakeRpc, FAKE_7_FanoutToNobodyIsFineAndStoresNothing) {
  EXPECT_NO_THROW(cast({.topic = "calc", .fanout = true}, 1));
  auto node = server("node-1");
  node.start();
  cast(kTopic, 2);
  EXPECT_EQ(node.receive_number(), 2);
}

TEST_F(FakeRpc, FAKE_15_AtLeastOnceTellsOfAFanoutToNobody) {
  EXPECT_THROW(cast({.topic = "calc", .fanout = true}, 1, {.at_least_once = true}),
               MessageUndeliverable);
}

TEST_F(FakeRpc, FAKE_15_RetryHasNoEffect) {
  auto node = server("node-1");
  for (const int retry : {-1, 0, 5}) cast(kTopic, retry, {.retry = retry});
  EXPECT_THAT(node.start().receive_numbers(3), ElementsAre(-1, 0, 5));
}

TEST_F(FakeRpc, FAKE_8_IdleServersAreServedInStrictRotation) {
  auto a = server("a");
  auto b = server("b");
  a.start();
  b.start();
  for (int n = 0; n < 200; ++n) cast(kTopic, n);
  a.await(100);
  b.await(100);
  a.listener().stop();
  b.listener().stop();
  EXPECT_EQ(a.waiting(), 100U);
  EXPECT_EQ(b.waiting(), 100U);
}

TEST_F(FakeRpc, FAKE_8_APausedServerIsLeftOut) {
  auto a = server("a");
  auto b = server("b");
  a.start();
  b.start();
  a.listener().pause();
  for (int n = 0; n < 3; ++n) cast(kTopic, n);
  EXPECT_THAT(b.receive_numbers(3), ElementsAre(0, 1, 2));
  a.listener().resume();
  b.listener().pause();
  cast(kTopic, 3);
  EXPECT_EQ(a.receive_number(), 3);
}

TEST_F(FakeRpc, FAKE_8_WhatAPausedServerHasNotTakenGoesToTheOthers) {
  auto slow = server("slow");
  auto other = server("other");
  std::promise<void> entered;
  std::promise<void> leave;
  slow.listener().start([&](Batch) {
    slow.listener().pause();
    entered.set_value();
    leave.get_future().wait();
  });
  for (int n = 0; n < 4; ++n) cast(kTopic, n);
  entered.get_future().wait();
  EXPECT_THAT(other.start().receive_numbers(3), ElementsAre(1, 2, 3));
  leave.set_value();
}

TEST_F(FakeRpc, FAKE_9_AServersOwnMessagesComeFirst) {
  auto node = server("node-1");
  for (int n = 1; n <= 3; ++n) cast(kTopic, n);
  for (int n = 4; n <= 6; ++n) cast({.topic = "calc", .server = "node-1"}, n);
  EXPECT_THAT(node.start().receive_numbers(6), ElementsAre(4, 5, 6, 1, 2, 3));
}

TEST_F(FakeRpc, FAKE_9_AfterTenOfItsOwnTheServerTakesOneOfTheTopic) {
  auto node = server("node-1");
  cast(kTopic, 100);
  for (int n = 1; n <= 12; ++n) cast({.topic = "calc", .server = "node-1"}, n);
  EXPECT_THAT(node.start().receive_numbers(13),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 11, 12));
}

TEST_F(FakeRpc, MSG_10_ContextAndBodyArriveAsTheyWereSent) {
  auto node = server("node-1");
  const Message message{.body = {{"method", "add"}, {"args", {{"a", 0.1}, {"b", "ü"}}}},
                        .context = {{"user", "ada"}}};
  send(*driver, kTopic, message);
  const auto received = node.start().receive();
  EXPECT_EQ(received->message().body, message.body);
  EXPECT_EQ(received->message().context, message.context);
  EXPECT_FALSE(received->facts().wants_reply);
  EXPECT_TRUE(received->facts().deadline.is_never());
}

TEST_F(FakeRpc, FAKE_13_TheReplyReachesItsCall) {
  auto node = server("node-1");
  node.start();
  const auto deadline = Deadline::after(1h);
  auto first = call(kTopic, numbered(1), {{.deadline = deadline}});
  auto second = call(kTopic, numbered(2));
  const auto one = node.receive();
  const auto two = node.receive();
  EXPECT_TRUE(one->facts().wants_reply);
  EXPECT_EQ(one->facts().deadline, deadline);
  two->reply("second");
  one->reply("first");
  one->reply("again");
  EXPECT_EQ(first.get().get(), Value("first"));
  EXPECT_EQ(second.get().get(), Value("second"));
}

TEST_F(FakeRpc, FAKE_11_AFailureArrivesAsARemoteError) {
  auto node = server("node-1");
  auto ended = call(kTopic, numbered(1));
  node.start().receive()->reply(
      Failure{.class_name = "ValueError", .module = "builtins", .message = "odd"});
  try {
    ended.get().get();
    FAIL() << "succeeded";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.exc_type(), "ValueError");
    EXPECT_EQ(error.value(), "odd");
  }
}

TEST_F(FakeRpc, FAKE_11_AReplyThatCannotBeWrittenIsAFailureThatSaysSo) {
  auto node = server("node-1");
  auto ended = call(kTopic, numbered(1));
  node.start().receive()->reply(Value(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_THROW(ended.get().get(), RemoteError);
}

TEST_F(FakeRpc, FAKE_12_AMessageThatCannotBeWrittenIsRefusedAtOnce) {
  auto node = server("node-1");
  const Message odd{.body = {{"x", std::numeric_limits<double>::infinity()}}};
  EXPECT_THROW(send(*driver, kTopic, odd), SerializationError);
  EXPECT_THROW(call(kTopic, odd), SerializationError);
  EXPECT_THROW(driver->send_notification(kTopic, odd, Envelope::v2, {}, {}), SerializationError);
}

TEST_F(FakeRpc, FAKE_13_ACallThatNobodyConsumesSaysSo) {
  ManualClock clock;
  server("node-1").start();
  auto ended = call(kTopic, numbered(1), {{.deadline = Deadline::after(5s)}});
  clock.advance(5s);
  EXPECT_EQ(cause_of_timeout(std::move(ended)), TimeoutCause::no_consumer);
}

TEST_F(FakeRpc, FAKE_13_ACallThatIsQueuedSaysSo) {
  ManualClock clock;
  auto node = server("node-1");
  node.start();
  node.listener().pause();
  auto ended = call(kTopic, numbered(1), {{.deadline = Deadline::after(5s)}});
  clock.advance(5s);
  EXPECT_EQ(cause_of_timeout(std::move(ended)), TimeoutCause::queued);
}

TEST_F(FakeRpc, FAKE_13_ACallThatWasTakenAndNotAnsweredSaysSo) {
  ManualClock clock;
  auto node = server("node-1");
  node.start();
  auto ended = call(kTopic, numbered(1), {{.deadline = Deadline::after(50s)}});
  const auto received = node.receive();
  clock.advance(50s);
  EXPECT_EQ(cause_of_timeout(std::move(ended)), TimeoutCause::no_reply);
  received->reply("too late");
}

TEST_F(FakeRpc, FAKE_13_ARequestWhoseCallerHasGivenUpIsNotHandedOut) {
  auto node = server("node-1");
  auto ended = call(kTopic, numbered(1), {{.deadline = Deadline::after(1ms)}});
  EXPECT_THROW(ended.get().get(), MessagingTimeout);
  cast(kTopic, 2);
  EXPECT_EQ(node.start().receive_number(), 2);
}

TEST_F(FakeRpc, MSG_4_RPCS_18_AcknowledgingOrRequeueingARequestDoesNothing) {
  auto node = server("node-1");
  node.start();
  auto ended = call(kTopic, numbered(1));
  const auto received = node.receive();
  received->requeue();
  received->acknowledge();
  received->requeue();
  received->reply(5);
  EXPECT_EQ(ended.get().get(), Value(5));
  cast(kTopic, 2);
  EXPECT_EQ(node.receive_number(), 2) << "the first did not come again";
}

TEST_F(FakeRpc, FAKE_13_AWaitingListenerSleepsThroughAnExpiredRequestAndWakesForTheNext) {
  auto node = server("node-1");
  node.start();
  for (int n = 0; n < 20; ++n) {
    EXPECT_THROW(call(kTopic, numbered(-1), {{.deadline = Deadline::after(0ms)}}).get().get(),
                 MessagingTimeout);
    cast(kTopic, n);
    EXPECT_EQ(node.receive_number(), n);
  }
}

TEST_F(FakeRpc, FAKE_14_AHeartbeatReachesTheCaller) {
  auto node = server("node-1");
  node.start();
  const auto timeline = std::make_shared<Timeline>();
  auto ended = call(kTopic, numbered(1), {{.timeline = timeline}, 1h});
  const auto received = node.receive();
  EXPECT_EQ(received->facts().monitor, 1h);
  received->heartbeat();
  EXPECT_EQ(timeline->furthest(), Stage::handling);
  received->reply(nullptr);
  EXPECT_TRUE(ended.get().get().is_null());
}

TEST_F(FakeRpc, FAKE_14_CLI_17_AMonitoredCallEndsWhenItsServerFallsSilent) {
  ManualClock clock;
  auto node = server("node-1");
  node.start();
  auto ended = call(kTopic, numbered(1), {{}, 10s});
  const auto received = node.receive();
  clock.advance(10s);
  EXPECT_EQ(cause_of_timeout(std::move(ended)), TimeoutCause::no_heartbeat);
}

TEST_F(FakeRpc, FAKE_17_TheFakeHasEveryFeature) {
  const Features all{true, true, true, true, true, true, true};
  EXPECT_EQ(driver->features(), all);
}

// A poll of 50 ms would make every call wait for its next turn.
TEST_F(FakeRpc, FAKE_18_ACallDoesNotWaitForAPoll) {
  auto node = server("node-1");
  node.listener().start([](Batch batch) { batch.front()->reply(nullptr); });
  auto fastest = Deadline::Clock::duration::max();
  for (int n = 0; n < 50; ++n) {
    const auto began = Deadline::Clock::now();
    call(kTopic, numbered(n)).get().get();
    fastest = std::min(fastest, Deadline::Clock::now() - began);
  }
  EXPECT_LT(fastest, 10ms);
}

TEST_F(FakeRpc, FAKE_19_ClosingADriverEndsItsCallsAndNothingElse) {
  auto node = server("node-1");
  node.start();
  auto client = fake_driver(url);
  std::promise<Outcome<Value>> ended;
  client->call(kTopic, numbered(1), {}, Completion<Value>([&](Outcome<Value> outcome) {
                 ended.set_value(std::move(outcome));
               }));
  const auto received = node.receive();
  client.reset();
  EXPECT_THROW(ended.get_future().get().get(), TransportClosed);
  received->reply("nobody waits");
  cast(kTopic, 2);
  EXPECT_EQ(node.receive_number(), 2);
}

TEST_F(FakeRpc, LSN_7_StopHandsOverWhatWasTakenAndLeavesTheRest) {
  auto node = server("node-1");
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<int> handed_over = 0;
  node.listener().start([&](Batch) {
    if (++handed_over > 1) return;
    entered.set_value();
    leave.get_future().wait();
  });
  for (int n = 0; n < 3; ++n) cast(kTopic, n);
  entered.get_future().wait();
  std::jthread stopping([&] { node.listener().stop(); });
  leave.set_value();
  stopping.join();
  EXPECT_EQ(handed_over, 3);
  cast(kTopic, 4);
  EXPECT_EQ(server("node-1").start().receive_number(), 4);
}

TEST_F(FakeRpc, LSN_11_StopFromWithinTheCallbackReturnsAtOnce) {
  auto node = server("node-1");
  std::promise<void> stopped;
  node.listener().start([&](Batch) {
    node.listener().stop();
    stopped.set_value();
  });
  cast(kTopic, 1);
  stopped.get_future().wait();
}

TEST_F(FakeRpc, LSN_7_NothingFollowsAStopThatRacesWithSenders) {
  for (int i = 0; i < 50; ++i) {
    auto node = server("node-1");
    std::atomic<bool> stopped = false;
    node.listener().start([&](Batch) { EXPECT_FALSE(stopped); });
    std::jthread sending([&] {
      for (int n = 0; n < 20; ++n) cast(kTopic, n);
    });
    node.listener().stop();
    stopped = true;
  }
}

TEST_F(FakeRpc, BATCH_2_4_ABatchIsFullOrWhatIsThere) {
  auto node = server("node-1", kTopic, {.size = 5, .timeout = 0ms});
  for (int n = 0; n < 12; ++n) cast(kTopic, n);
  node.start().await(12);
  EXPECT_THAT(node.batches(), ElementsAre(5U, 5U, 2U));
}

TEST_F(FakeRpc, BATCH_8_ABatchOfZeroIsRefused) {
  EXPECT_THROW(server("node-1", kTopic, {.size = 0}), InvalidArgument);
}

TEST_F(FakeRpc, DRV_22_ACompletionMayCallAgain) {
  auto node = server("node-1");
  node.start();
  std::promise<Value> second;
  driver->call(kTopic, numbered(1), {}, Completion<Value>([&](Outcome<Value>) {
                 driver->call(kTopic, numbered(2), {}, Completion<Value>([&](Outcome<Value> end) {
                                second.set_value(std::move(end).get());
                              }));
               }));
  node.receive()->reply(1);
  node.receive()->reply(2);
  EXPECT_EQ(second.get_future().get(), Value(2));
}

TEST_F(FakeRpc, CLI_22_ManyCallersGetTheirOwnAnswers) {
  constexpr int callers = 8;
  constexpr int calls = 200;
  auto node = server("node-1");
  node.listener().start([](Batch batch) {
    for (auto& message : batch) message->reply(message->message().body.at("n"));
  });
  std::vector<std::jthread> threads;
  for (int t = 0; t < callers; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < calls; ++i) {
        const int n = t * calls + i;
        EXPECT_EQ(call(kTopic, numbered(n)).get().get(), Value(n));
      }
    });
  }
}

}  // namespace
}  // namespace gantry
