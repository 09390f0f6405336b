// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <future>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "gantry/error.hpp"
#include "inbox.hpp"
#include "kafka_fixture.hpp"
#include "raw_kafka.hpp"

// Notifications: what is stored, what is read, and which position a group keeps.
namespace gantry::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct KafkaNotificationTest : KafkaTest {
  Inbox inbox;
  RawKafka peer{url()};

  std::vector<int> take(std::size_t count) {
    std::vector<int> numbers;
    for (std::size_t i = 0; i < count; ++i) {
      const auto message = inbox.take();
      message->acknowledge();
      numbers.push_back(number_of(message->message()));
    }
    return numbers;
  }
};

TEST_F(KafkaNotificationTest, WIRE_11_ARecordHasNoKeyAndNoHeaders) {
  auto transport = open();
  notify(transport, 1);
  const auto records = peer.read_all(info);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, std::nullopt);
  EXPECT_TRUE(records[0].headers.empty());
  EXPECT_EQ(number_of(wire::decode_notification_record(records[0].value)), 1);
}

// A broker takes the leadership of a new topic's partitions a moment after it tells of the topic.
TEST_F(KafkaNotificationTest, K1_TheFirstOfANewTopicAreStored) {
  constexpr int topics = 20;
  constexpr int each = 50;
  auto transport = open("producer_batch_size=1");
  for (int t = 0; t < topics; ++t) {
    const auto fresh = info + std::to_string(t);
    std::vector<std::future<std::exception_ptr>> ends;
    for (int n = 0; n < each; ++n) {
      std::promise<std::exception_ptr> end;
      ends.push_back(end.get_future());
      transport.send_notification(
          {.topic = fresh}, event(n), Envelope::v2, {.deadline = soon()},
          Completion<void>([end = std::move(end)](const Outcome<void>& outcome) mutable {
            end.set_value(outcome.error());
          }));
    }
    for (auto& end : ends) EXPECT_EQ(end.get(), nullptr) << fresh;
    EXPECT_EQ(peer.read_all(fresh).size(), std::size_t{each});
  }
}

TEST_F(KafkaNotificationTest, ARecordHasAKeyWhereThatIsAskedFor) {
  auto transport = open("record_key=publisher");
  notify(transport, 1, "svc.host1");
  EXPECT_EQ(peer.read_all(info).at(0).key, "svc.host1");
}

TEST_F(KafkaNotificationTest, WIRE_11_AVirtualHostIsTheTopicsSuffix) {
  auto transport = open_kafka(url() + "vh1?session_timeout=4");
  notify(transport, 1);
  EXPECT_EQ(peer.read_all(info + ".vh1").size(), 1U);
  const auto listener = listen(transport);  // hears those without one as well, as Python's does
  listener->start(inbox.receiver());
  auto other = open();
  notify(other, 2);
  auto numbers = take(2);
  std::ranges::sort(numbers);
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

// The partitions of a topic that the broker makes by itself are as many as it likes.
TEST_F(KafkaNotificationTest, NotificationsOfOnePublisherShareAPartition) {
  auto transport = open();
  for (int n = 0; n < 40; ++n) notify(transport, n, "p" + std::to_string(n % 4));
  std::map<std::string, std::set<std::int32_t>> places;
  std::map<std::string, std::vector<int>> order;
  for (const auto& record : peer.read_all(info)) {
    const auto message = wire::decode_notification_record(record.value);
    const std::string publisher(message.body.at("publisher_id").as_string());
    places[publisher].insert(record.partition);
    order[publisher].push_back(number_of(message));
  }
  ASSERT_EQ(places.size(), 4U);
  for (const auto& [publisher, partitions] : places) EXPECT_EQ(partitions.size(), 1U) << publisher;
  for (const auto& [publisher, numbers] : order)
    EXPECT_TRUE(std::ranges::is_sorted(numbers)) << publisher;
}

TEST_F(KafkaNotificationTest, NotificationsGoToAllPartitionsWhereOrderIsNotAskedFor) {
  auto transport = open("partition_by=random");
  for (int n = 0; n < 16; ++n) notify(transport, n);
  std::set<std::int32_t> partitions;
  for (const auto& record : peer.read_all(info)) partitions.insert(record.partition);
  EXPECT_EQ(static_cast<int>(partitions.size()), std::min(peer.partitions(info), 16));
}

TEST_F(KafkaNotificationTest, K10_WhatCannotBeReadIsPassedOverAndCounted) {
  auto transport = open();
  notify(transport, 1);
  const std::string foreign = R"({"oslo.version": "3.0", "oslo.message": "{}"})";
  const auto between = peer.read_all(info).at(0).partition;  // where the next one goes as well
  peer.write(info, "hello", between);
  peer.write(info, std::nullopt, between);
  peer.write(info, "", between);
  peer.write(info, foreign, between);
  peer.write(info, R"({"oslo.version": "2.0", "oslo.message": "{\"payload\": 1}"})", between);
  notify(transport, 2);
  const auto listener = listen(transport);
  listener->start(inbox.receiver());
  EXPECT_THAT(take(2), ElementsAre(1, 2));
  listener->stop();
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 5U);
}

TEST_F(KafkaNotificationTest, F9_K10_OfABatchWithOneThatCannotBeReadTheOthersAreHandled) {
  constexpr int many = 99;
  auto transport = open();
  for (int n = 0; n < many / 2; ++n) notify(transport, n);
  peer.write(info, "hello", peer.read_all(info).at(0).partition);
  for (int n = many / 2; n < many; ++n) notify(transport, n);
  const auto listener = listen(transport, {}, {.size = many, .timeout = kPatience});
  listener->start(inbox.receiver());
  std::vector<int> all(many);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(take(many), all);
  EXPECT_THAT(inbox.sizes(), ElementsAre(many));
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
}

TEST_F(KafkaNotificationTest, K6_WhatWasNotSettledComesToTheNextAndNothingElse) {
  auto transport = open();
  for (int n = 0; n < 6; ++n) notify(transport, n);
  {
    const auto listener = listen(transport, group);
    listener->start(inbox.receiver());
    ASSERT_TRUE(inbox.wait_for(6));
    std::vector<std::unique_ptr<IncomingMessage>> all;
    while (all.size() < 6) all.push_back(inbox.take());
    for (const int n : {0, 1, 3, 5}) all[static_cast<std::size_t>(n)]->acknowledge();
  }
  const auto next = listen(transport, group);
  next->start(inbox.receiver());
  EXPECT_THAT(take(4), ElementsAre(2, 3, 4, 5)) << "from the first that was not settled";
}

// The group's position stays before the first, so that all come again with their partition.
TEST_F(KafkaNotificationTest, DRV_9_WhatWasSettledAndComesAgainIsPassedOver) {
  auto transport = open("rebalance_patience=0.1");
  const auto listener = listen(transport, group);
  listener->start(inbox.receiver());
  for (int n = 1; n <= 3; ++n) notify(transport, n);
  const auto unsettled = inbox.take();
  EXPECT_EQ(number_of(unsettled->message()), 1);
  EXPECT_THAT(take(2), ElementsAre(2, 3));
  {
    Inbox elsewhere;
    const auto visitor = listen(transport, group);
    visitor->start(elsewhere.receiver());
  }
  notify(transport, 4);
  std::vector<int> again;
  while (again.empty() || again.back() != 4) again.push_back(take(1).front());
  EXPECT_THAT(again, testing::Contains(1));
  EXPECT_THAT(again, testing::Each(testing::AnyOf(1, 4)));
}

TEST_F(KafkaNotificationTest, DRV_9_TwoRecordsOfOneNotificationAreTwo) {
  auto transport = open();
  const auto listener = listen(transport);
  listener->start(inbox.receiver());
  notify(transport, 1);
  EXPECT_THAT(take(1), ElementsAre(1));
  const auto stored = peer.read_all(info).at(0);
  peer.write(info, stored.value, stored.partition);
  EXPECT_THAT(take(1), ElementsAre(1));
}

TEST_F(KafkaNotificationTest, WIRE_12_2_WithAutoCommitWhatWasHandedOutIsSettled) {
  auto transport = open("enable_auto_commit=true");
  notify(transport, 1);
  {
    const auto listener = listen(transport, group);
    listener->start(inbox.receiver());
    ASSERT_TRUE(inbox.wait_for(1));
    inbox.take().reset();
  }
  notify(transport, 2);
  const auto next = listen(transport, group);
  next->start(inbox.receiver());
  EXPECT_THAT(take(1), ElementsAre(2));
}

TEST_F(KafkaNotificationTest, WIRE_11_WithOffsetResetLatestANewGroupBeginsAtTheEnd) {
  auto transport = open("auto_offset_reset=latest&consumer_group=" + group);
  notify(transport, 1);
  const auto listener = listen(transport);
  listener->start(inbox.receiver());
  // Where a group begins is found out after it has its partitions.
  for (int n = 2; inbox.size() == 0; ++n) {
    notify(transport, n);
    inbox.wait_for(1, Deadline::after(std::chrono::milliseconds(200)));
  }
  EXPECT_GE(take(1).front(), 2);
}

TEST_F(KafkaNotificationTest, WhilePausedNothingIsHandedOver) {
  auto transport = open();
  const auto listener = listen(transport);
  listener->pause();
  listener->start([&, receive = inbox.receiver()](Batch batch) { receive(std::move(batch)); });
  listener->pause();
  notify(transport, 1);
  EXPECT_FALSE(inbox.wait_for(1, Deadline::after(std::chrono::milliseconds(300))));
  listener->resume();
  EXPECT_THAT(take(1), ElementsAre(1));
}

// Longer than a session may be silent: pausing is not starving.
TEST_F(KafkaNotificationTest, F7_K7_ASlowHandlerLosesNoPartition) {
  auto transport = open("rdkafka=max.poll.interval.ms:4100");
  const auto listener = listen(transport, group);
  listener->start([&, receive = inbox.receiver()](Batch batch) {
    listener->pause();
    receive(std::move(batch));
  });
  notify(transport, 1);
  const auto slow = inbox.take();
  std::this_thread::sleep_for(std::chrono::seconds(9));  // twice what the group allows
  slow->acknowledge();
  listener->resume();
  notify(transport, 2);
  EXPECT_THAT(take(1), ElementsAre(2));
}

TEST_F(KafkaNotificationTest, ABodyThatIsTooLongIsRefusedBeforeItIsSent) {
  auto transport = open("max_message_bytes=2000");
  auto message = event(1);
  message.body["payload"] = std::string(3000, 'x');
  const auto send = [&] {
    transport.send_notification({.topic = info}, message, Envelope::v2, {.deadline = soon()});
  };
  EXPECT_THAT(message_of<InvalidArgument>(send), HasSubstr("max_message_bytes"));
}

// More than a broker allows by itself.
TEST_F(KafkaNotificationTest, ATopicThatIsCreatedTakesWhatMayBeSent) {
  constexpr std::size_t long_one = 3000000;
  auto transport = open();
  auto message = event(1);
  message.body["payload"] = {{"n", 1}, {"text", std::string(long_one, 'x')}};
  transport.send_notification({.topic = info}, std::move(message), Envelope::v2,
                              {.deadline = soon()});
  const auto listener = listen(transport);
  listener->start(inbox.receiver());
  EXPECT_THAT(take(1), ElementsAre(1));
}

TEST_F(KafkaNotificationTest, AHeaderOfTheDriversOwnIsRefused) {
  auto transport = open();
  auto message = event(1);
  message.headers["gantry.ttl"] = "1";
  const auto send = [&] {
    transport.send_notification({.topic = info}, message, Envelope::v2, {.deadline = soon()});
  };
  EXPECT_THAT(message_of<InvalidArgument>(send), HasSubstr("gantry.ttl"));
}

TEST_F(KafkaNotificationTest, ATopicThatKafkaDoesNotAllowIsTold) {
  auto transport = open();
  const auto send = [&] {
    transport.send_notification({.topic = "no such: topic"}, event(1), Envelope::v2,
                                {.deadline = soon()});
  };
  EXPECT_THAT(message_of<InvalidArgument>(send), HasSubstr("no such: topic"));
  const Subscription bad{{.topic = "no such: topic"}, "info"};
  EXPECT_THROW(transport.listen_for_notifications({&bad, 1}, {}, {}, soon()), InvalidArgument);
}

// What was handed over when the transport closes is sent first.
TEST_F(KafkaNotificationTest, F5_K2_ClosingSendsWhatIsUnderWay) {
  constexpr int many = 100;
  std::atomic<int> confirmed = 0;
  {
    auto transport = open("producer_batch_timeout=0.3");
    for (int n = 0; n < many; ++n)
      transport.send_notification(
          {.topic = info}, event(n), Envelope::v2, {.deadline = soon()},
          Completion<void>([&](const Outcome<void>& end) { confirmed += !end.failed(); }));
  }
  EXPECT_EQ(static_cast<int>(peer.read_all(info).size()), confirmed);
  EXPECT_EQ(confirmed, many);
}

TEST_F(KafkaNotificationTest, F8_K5_AFullQueueHoldsTheCallerUntilThereIsRoom) {
  auto transport = open("rdkafka=queue.buffering.max.messages:10");
  constexpr int many = 500;
  std::atomic<int> confirmed = 0;
  for (int n = 0; n < many; ++n)
    transport.send_notification(
        {.topic = info}, event(n), Envelope::v2, {.deadline = soon()},
        Completion<void>([&](const Outcome<void>& end) { confirmed += !end.failed(); }));
  transport.close();
  EXPECT_EQ(confirmed, many);
}

}  // namespace
}  // namespace gantry::test
