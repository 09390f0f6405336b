// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "fake_bus.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;

const Target kTopic{.topic = "calc"};
const Target kInfo{.topic = "events.info"};
const std::vector<Subscription> kInfoOfEvents{{{.topic = "events"}, "info"}};

// `driver` has no faults; others on the same broker have those of their query.
struct FakeFaults : FakeBus {
  std::unique_ptr<BaseDriver> with(const std::string& query) const {
    return fake_driver(url + "?" + query);
  }
  static Receiver server_of(BaseDriver& by) {
    return Receiver(by.listen({.topic = "calc", .server = "node-1"}, {}, never));
  }
  static Receiver listener_of(BaseDriver& by, std::string_view pool = {}) {
    return Receiver(by.listen_for_notifications(kInfoOfEvents, pool, {}, never));
  }
  static void cast_by(BaseDriver& by, int n) { send(by, kTopic, numbered(n)); }
  static void notify_by(BaseDriver& by, int n) {
    std::promise<Outcome<void>> ended;
    by.send_notification(
        kInfo, numbered(n), Envelope::v2, {},
        Completion<void>([&](Outcome<void> outcome) { ended.set_value(std::move(outcome)); }));
    ended.get_future().get().get();
  }
  static Value call_by(BaseDriver& by, int n, Deadline deadline = never) {
    std::promise<Outcome<Value>> ended;
    by.call(
        kTopic, numbered(n), {{.deadline = deadline}},
        Completion<Value>([&](Outcome<Value> outcome) { ended.set_value(std::move(outcome)); }));
    return ended.get_future().get().get();
  }

  // All that was sent before this, by other drivers too.
  std::vector<int> received_by(Receiver& receiver) {
    constexpr int last = -1;
    cast(kTopic, last);
    std::vector<int> numbers;
    receiver.start();
    for (int n = receiver.receive_number(); n != last; n = receiver.receive_number()) {
      numbers.push_back(n);
    }
    return numbers;
  }
};

void answer_with_its_number(Receiver& receiver) {
  receiver.listener().start([](Batch batch) {
    for (auto& request : batch) request->reply(request->message().body.at("n"));
  });
}

TEST_F(FakeFaults, FAKE_20_DropLosesWhatWasAccepted) {
  auto node = server("node-1");
  const auto lossy = with("drop=1");
  EXPECT_NO_THROW(cast_by(*lossy, 1));
  EXPECT_THROW(call_by(*lossy, 2, Deadline::after(1ms)), MessagingTimeout);
  cast(kTopic, 3);
  EXPECT_THAT(received_by(node), ElementsAre(3));
}

TEST_F(FakeFaults, FAKE_20_DropLosesNotifications) {
  const auto lossy = with("drop=1");
  notify_by(*lossy, 1);
  notify(kInfo, 2);
  EXPECT_EQ(listener(kInfoOfEvents).start().receive_number(), 2);
}

TEST_F(FakeFaults, FAKE_20_DropLosesRepliesOfItsServer) {
  const auto lossy = with("drop=1");
  auto node = server_of(*lossy);
  answer_with_its_number(node);
  EXPECT_THROW(call_by(*driver, 1, Deadline::after(20ms)), MessagingTimeout);
}

TEST_F(FakeFaults, FAKE_20_DropDoesNotHideThatNobodyListens) {
  const auto lossy = with("drop=1");
  EXPECT_THROW(cast_by(*lossy, 1), MessageUndeliverable);
}

TEST_F(FakeFaults, FAKE_20_SomeAreDroppedAndSomeAreNot) {
  auto node = server("node-1");
  const auto lossy = with("drop=0.5");
  for (int n = 0; n < 200; ++n) cast_by(*lossy, n);
  EXPECT_THAT(received_by(node).size(), AllOf(testing::Gt(50U), testing::Lt(150U)));
}

TEST_F(FakeFaults, FAKE_20_TheReceiverDropsADuplicate) {
  auto node = server("node-1");
  const auto doubling = with("duplicate=1");
  for (int n = 1; n <= 3; ++n) cast_by(*doubling, n);
  EXPECT_THAT(received_by(node), ElementsAre(1, 2, 3));
}

TEST_F(FakeFaults, FAKE_20_WithoutDedupADuplicateArrives) {
  const auto trusting = with("dedup=false");
  auto node = server_of(*trusting);
  const auto doubling = with("duplicate=1");
  for (int n = 1; n <= 2; ++n) cast_by(*doubling, n);
  EXPECT_THAT(received_by(node), ElementsAre(1, 1, 2, 2));
}

TEST_F(FakeFaults, FAKE_20_ADuplicateGoesToTheReceiverOfTheOriginal) {
  auto a = server("a");
  auto b = server("b");
  a.start();
  b.start();
  const auto doubling = with("duplicate=1");
  for (int n = 0; n < 10; ++n) cast_by(*doubling, n);
  a.await(5);
  b.await(5);
  a.listener().stop();
  b.listener().stop();
  EXPECT_EQ(a.waiting() + b.waiting(), 10U);
}

TEST_F(FakeFaults, FAKE_20_EachPoolDropsItsOwnDuplicates) {
  auto one = listener(kInfoOfEvents, "p1");
  auto two = listener(kInfoOfEvents, "p2");
  const auto doubling = with("duplicate=1");
  notify_by(*doubling, 1);
  notify(kInfo, 2);
  EXPECT_THAT(one.start().receive_numbers(2), ElementsAre(1, 2));
  EXPECT_THAT(two.start().receive_numbers(2), ElementsAre(1, 2));
}

TEST_F(FakeFaults, FAKE_20_WhatIsRequeuedIsNoDuplicate) {
  auto only = listener(kInfoOfEvents);
  const auto doubling = with("duplicate=1");
  notify_by(*doubling, 1);
  only.start().receive()->requeue();
  const auto again = only.receive();
  EXPECT_TRUE(again->facts().redelivered);
  EXPECT_EQ(again->message().body.at("n"), Value(1));
  again->acknowledge();
}

TEST_F(FakeFaults, FAKE_20_ADuplicateReplyIsDropped) {
  const auto doubling = with("duplicate=1");
  auto node = server_of(*doubling);
  answer_with_its_number(node);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(call_by(*driver, n), Value(n));
}

TEST_F(FakeFaults, FAKE_20_ReorderPutsAMessageBeforeThePreviousOne) {
  auto node = server("node-1");
  const auto hasty = with("reorder=1");
  for (int n = 1; n <= 4; ++n) cast_by(*hasty, n);
  EXPECT_THAT(received_by(node), ElementsAre(2, 3, 4, 1));
}

TEST_F(FakeFaults, FAKE_20_ReorderHoldsOverTheQueuesOfOneListener) {
  auto both = listener({{{.topic = "a"}, "info"}, {{.topic = "b"}, "info"}});
  const auto hasty = with("reorder=1");
  notify({.topic = "a.info"}, 1);
  notify({.topic = "b.info"}, 2);
  std::promise<Outcome<void>> ended;
  hasty->send_notification(
      {.topic = "b.info"}, numbered(3), Envelope::v2, {},
      Completion<void>([&](Outcome<void> outcome) { ended.set_value(std::move(outcome)); }));
  ended.get_future().get().get();
  EXPECT_THAT(both.start().receive_numbers(3), ElementsAre(1, 3, 2));
}

TEST_F(FakeFaults, FAKE_20_LatencyDelaysTheMessageAndNotItsSender) {
  auto node = server("node-1");
  const auto slow = with("latency=20ms");
  const auto began = Deadline::Clock::now();
  for (int n = 1; n <= 3; ++n) cast_by(*slow, n);
  EXPECT_THAT(node.start().receive_numbers(3), ElementsAre(1, 2, 3));
  EXPECT_GE(Deadline::Clock::now() - began, 20ms);
}

TEST_F(FakeFaults, FAKE_20_LatencyDelaysReplies) {
  const auto slow = with("latency=20ms");
  auto node = server_of(*slow);
  answer_with_its_number(node);
  const auto began = Deadline::Clock::now();
  EXPECT_EQ(call_by(*driver, 7), Value(7));
  EXPECT_GE(Deadline::Clock::now() - began, 20ms);
}

TEST_F(FakeFaults, FAKE_20_WhatIsUnderWayArrivesWhenItsSenderCloses) {
  auto node = server("node-1");
  auto slow = with("latency=1h");
  cast_by(*slow, 1);
  notify_by(*slow, 2);
  slow.reset();
  EXPECT_EQ(node.start().receive_number(), 1);
  EXPECT_EQ(listener(kInfoOfEvents).start().receive_number(), 2);
}

TEST_F(FakeFaults, FAKE_20_TheFirstSendsFail) {
  auto node = server("node-1");
  const auto failing = with("fail_send=3");
  EXPECT_THROW(cast_by(*failing, 1), MessageDeliveryFailure);
  EXPECT_THROW(call_by(*failing, 2), MessageDeliveryFailure);
  EXPECT_THROW(notify_by(*failing, 3), MessageDeliveryFailure);
  cast_by(*failing, 4);
  EXPECT_THAT(received_by(node), ElementsAre(4));
}

TEST_F(FakeFaults, FAKE_20_ANotificationWhoseAcknowledgementIsLostComesAgain) {
  const auto forgetful = with("fail_ack=1&dedup=false");
  auto only = listener_of(*forgetful);
  notify(kInfo, 1);
  only.start().receive()->acknowledge();
  const auto again = only.receive();
  EXPECT_TRUE(again->facts().redelivered);
  again->acknowledge();
  notify(kInfo, 2);
  EXPECT_EQ(only.receive_number(), 2);
}

TEST_F(FakeFaults, FAKE_20_DedupSuppressesWhatComesAgainForALostAcknowledgement) {
  const auto forgetful = with("fail_ack=2");
  auto only = listener_of(*forgetful);
  for (int n = 1; n <= 3; ++n) notify(kInfo, n);
  EXPECT_THAT(only.start().receive_numbers(3), ElementsAre(1, 2, 3));
  notify(kInfo, 4);
  EXPECT_EQ(only.receive_number(), 4);
}

TEST_F(FakeFaults, FAKE_20_ARequestWhoseAcknowledgementIsLostRunsOnce) {
  const auto forgetful = with("fail_ack=2");
  auto node = server_of(*forgetful);
  for (int n = 1; n <= 3; ++n) cast(kTopic, n);
  EXPECT_THAT(received_by(node), ElementsAre(1, 2, 3));
}

TEST_F(FakeFaults, FAKE_20_WithoutDedupItRunsAgain) {
  const auto forgetful = with("fail_ack=1&dedup=false");
  auto node = server_of(*forgetful);
  for (int n = 1; n <= 2; ++n) cast(kTopic, n);
  EXPECT_THAT(node.start().receive_numbers(3), ElementsAre(1, 2, 1));
}

TEST_F(FakeFaults, FAKE_20_EachSoManiethOperationIsInDoubtAndSomeOfThoseWereTaken) {
  auto node = server("node-1");
  const auto shaky = with("disconnect=3");
  int in_doubt = 0;
  for (int n = 1; n <= 60; ++n) {
    try {
      cast_by(*shaky, n);
      EXPECT_NE(n % 3, 0);
    } catch (const MessageInDoubt& error) {
      EXPECT_FALSE(error.unique_id().empty());
      EXPECT_EQ(n % 3, 0);
      ++in_doubt;
    }
  }
  EXPECT_EQ(in_doubt, 20);
  EXPECT_THAT(received_by(node).size(), AllOf(testing::Gt(40U), testing::Lt(60U)));
}

TEST_F(FakeFaults, FAKE_20_ACallAndANotificationMayBeInDoubt) {
  auto node = server("node-1");
  const auto shaky = with("disconnect=1");
  EXPECT_THROW(call_by(*shaky, 1), MessageInDoubt);
  EXPECT_THROW(notify_by(*shaky, 2), MessageInDoubt);
}

TEST_F(FakeFaults, FAKE_20_FaultsStayWithTheirDriver) {
  auto node = server("node-1");
  const auto broken = with("drop=1&duplicate=1&reorder=1&fail_send=9&disconnect=1&latency=1h");
  for (int n = 1; n <= 3; ++n) cast(kTopic, n);
  EXPECT_THAT(received_by(node), ElementsAre(1, 2, 3));
}

TEST_F(FakeFaults, FAKE_20_ValuesOutOfRangeAreRefused) {
  for (const auto* const query : {"drop=1.5", "duplicate=-1", "fail_send=-1", "dorp=1"}) {
    EXPECT_THROW(with(query), ConfigurationError) << query;
  }
}

// What happens to 100 casts, seen from both ends.
struct FakeFaultSequence : FakeFaults {
  std::vector<std::string> log_of(const std::string& seed, const std::string& broker) {
    const auto name = url + "-" + broker;
    const auto faulty = fake_driver(name + "?seed=" + seed +
                                    "&drop=0.2&duplicate=0.2&reorder=0.2&fail_send=2&disconnect=7");
    driver = fake_driver(name + "?dedup=false");
    auto node = server("node-1");
    std::vector<std::string> log;
    for (int n = 0; n < 100; ++n) log.push_back(sent(*faulty, n));
    for (const int n : received_by(node)) log.push_back("received " + std::to_string(n));
    return log;
  }

  static std::string sent(BaseDriver& by, int n) {
    try {
      cast_by(by, n);
      return "accepted";
    } catch (const MessageInDoubt&) {
      return "in doubt";
    } catch (const MessageDeliveryFailure&) {
      return "failed";
    }
  }
};

TEST_F(FakeFaultSequence, FAKE_20_OneSeedIsOneSequenceOfFaults) {
  const auto once = log_of("7", "a");
  EXPECT_THAT(once, AllOf(Contains("failed"), Contains("in doubt")));
  EXPECT_EQ(once, log_of("7", "b"));
  EXPECT_NE(once, log_of("8", "c"));
}

}  // namespace
}  // namespace gantry
