// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "marking_serializer.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct NotifierTest : testing::Test {
  RecordingDriver::Record record{.features = {.notifications = true}};
  Transport transport = record_transport(record);
  NotifierTest() { TestNotifyDriver::reset(); }

  std::vector<std::string> topics() {
    std::vector<std::string> all;
    for (const auto& sent : record.sent) all.push_back(*sent.target.topic);
    return all;
  }
};

class Failing final : public NotifyDriver {
 public:
  void notify(Notification, Priority, const SendOptions&, Completion<void>&&) override {
    throw MessageDeliveryFailure("out of order");
  }
};

TEST_F(NotifierTest, NTF_1_TopicsAndRetryComeFromTheOptions) {
  Notifier(transport, {.topics = {"a", "b"}, .retry = 5}).info("e", nullptr);
  EXPECT_THAT(topics(), ElementsAre("a.info", "b.info"));
  EXPECT_EQ(record.sent[0].options.retry, 5);
  Notifier(transport, {.retry = 0}).info("e", nullptr);
  EXPECT_EQ(record.sent.back().options.retry, 0);
  EXPECT_EQ(*record.sent.back().target.topic, "notifications.info");
}

TEST_F(NotifierTest, NTF_2_AMessageHasSixKeys) {
  Notifier(transport, {.publisher_id = "p"}).info("e", {{"x", 1}});
  const auto& body = record.sent.back().message.body;
  EXPECT_EQ(body.size(), 6U);
  EXPECT_EQ(body.at("publisher_id"), "p");
  EXPECT_EQ(body.at("event_type"), "e");
  EXPECT_EQ(body.at("priority"), "INFO");
  EXPECT_EQ(body.at("payload"), Value({{"x", 1}}));
  EXPECT_EQ(body.at("message_id").as_string().size(), 36U);
  EXPECT_THAT(std::string(body.at("timestamp").as_string()),
              testing::MatchesRegex("[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+(\\.[0-9]+)?"));
}

TEST_F(NotifierTest, NTF_2_ATimestampHasNoFractionWhereItIsZero) {
  using namespace std::chrono;
  const system_clock::time_point second(sys_days(year(2026) / 1 / 31) + hours(12));
  EXPECT_EQ(timestamp_of(second), "2026-01-31 12:00:00");
  EXPECT_EQ(timestamp_of(second + microseconds(1200)), "2026-01-31 12:00:00.001200");
}

TEST_F(NotifierTest, NTF_3_EachMethodHasItsPriority) {
  const Notifier notifier(transport);
  notifier.audit("e", nullptr);
  notifier.debug("e", nullptr);
  notifier.info("e", nullptr);
  notifier.warn("e", nullptr);
  notifier.error("e", nullptr);
  notifier.critical("e", nullptr);
  notifier.sample("e", nullptr);
  EXPECT_THAT(topics(),
              ElementsAre("notifications.audit", "notifications.debug", "notifications.info",
                          "notifications.warn", "notifications.error", "notifications.critical",
                          "notifications.sample"));
}

TEST_F(NotifierTest, NTF_4_EveryDriverAndTopicGetsTheSameMessage) {
  Notifier(transport, {.topics = {"a", "b"}, .drivers = {"messagingv2", "test"}}).info("e", 1);
  ASSERT_EQ(record.sent.size(), 2U);
  EXPECT_EQ(record.sent[0].message, record.sent[1].message);
  ASSERT_EQ(TestNotifyDriver::kept().size(), 1U);
  EXPECT_EQ(message_of(TestNotifyDriver::kept()[0].notification), record.sent[0].message);
}

TEST_F(NotifierTest, NTF_5_ThePayloadIsSerializedWithTheWholeContext) {
  const auto marking = std::make_shared<Marking>();
  Notifier(transport, {.serializer = marking})
      .info("e", "text", {{"user_id", "ada"}, {"auth_token", "secret"}});
  const auto& message = record.sent.back().message;
  EXPECT_EQ(message.body.at("payload"), "stext");
  EXPECT_EQ(message.context, (Object{{"user_id", "sada"}}));
  EXPECT_THAT(marking->contexts, ElementsAre(R"({"user_id": "ada", "auth_token": "secret"})"));
}

TEST_F(NotifierTest, NTF_6_OfAContextOnlyTheKeysOfAnIdentityAreSent) {
  const Object context{{"user_id", "u"}, {"auth_token", "secret"}, {"roles", {"a"}}};
  Notifier(transport).info("e", nullptr, context);
  EXPECT_EQ(record.sent.back().message.context, (Object{{"user_id", "u"}, {"roles", {"a"}}}));
  Notifier(transport, {.context_keys = {}}).info("e", nullptr, context);
  EXPECT_TRUE(record.sent.back().message.context.empty());
}

TEST_F(NotifierTest, NTF_7_AFailureIsLoggedWithoutThePayloadAndOthersStillRun) {
  test::CapturedLog log;
  const Notifier notifier(transport, {},
                          {std::make_shared<Failing>(), std::make_shared<TestNotifyDriver>()});
  notifier.info("e", {{"x", "inside"}});
  EXPECT_EQ(TestNotifyDriver::kept().size(), 1U);
  EXPECT_THAT(log.lines(), ElementsAre(HasSubstr("out of order")));
  EXPECT_EQ(log.lines()[0].find("inside"), std::string::npos);
  EXPECT_THROW(notifier.notify_or_throw(Priority::info, "e", nullptr), MessageDeliveryFailure);
}

TEST_F(NotifierTest, NTF_8_NTF_9_ANotifierThatTellsNobodyIsRefused) {
  EXPECT_THROW(Notifier(transport, {.drivers = {}}), ConfigurationError);
  EXPECT_THROW(Notifier(transport, {.topics = {}}), ConfigurationError);
  EXPECT_THROW(Notifier(transport, {.topics = {"a", ""}}), ConfigurationError);
  try {
    const Notifier taken(transport, {.drivers = {"mesaging"}});
    FAIL() << "it was taken";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'messaging'?"));
  }
  EXPECT_FALSE(Notifier(transport, {.drivers = {"noop"}}).is_enabled());
  EXPECT_TRUE(Notifier(transport, {.drivers = {"log"}}).is_enabled());
}

TEST_F(NotifierTest, NTF_10_NTF_11_NTF_12_PrepareSharesTheDrivers) {
  const Notifier notifier(transport, {.publisher_id = "p", .drivers = {"test"}, .retry = 3});
  notifier.prepare({.publisher_id = "q"}).info("e", nullptr);
  notifier.prepare({.retry = 0}).prepare({}).info("e", nullptr);
  notifier.prepare({.retry = std::nullopt}).info("e", nullptr);
  const auto kept = TestNotifyDriver::kept();
  EXPECT_EQ(kept[0].notification.publisher_id, "q");
  EXPECT_EQ(kept[0].retry, 3);
  EXPECT_EQ(kept[1].notification.publisher_id, "p");
  EXPECT_EQ(kept[1].retry, 0);
  EXPECT_EQ(kept[2].retry, -1);
}

// Ends nothing by itself.
class Slow final : public NotifyDriver {
 public:
  void notify(Notification, Priority, const SendOptions&, Completion<void>&& done) override {
    const std::lock_guard lock(mutex);
    under_way.push_back(std::move(done));
    begun.notify_all();
  }
  std::mutex mutex;
  std::condition_variable begun;
  std::vector<Completion<void>> under_way;  // guarded by mutex
};

TEST_F(NotifierTest, NTF_13_ItReturnsWhenTheDriverIsDone) {
  const auto slow = std::make_shared<Slow>();
  const Notifier notifier(transport, {}, {slow});
  std::atomic<bool> returned = false;
  std::jthread caller([&] {
    notifier.info("e", nullptr);
    returned = true;
  });
  std::unique_lock lock(slow->mutex);
  slow->begun.wait(lock, [&] { return !slow->under_way.empty(); });
  EXPECT_FALSE(returned);
  slow->under_way.back().succeed();
  lock.unlock();
  caller.join();
  EXPECT_TRUE(returned);
}

TEST_F(NotifierTest, NTF_16_MoreThanMayBeUnderWayAreDroppedAndCounted) {
  const auto slow = std::make_shared<Slow>();
  const Notifier notifier(transport, {.max_under_way = 2}, {slow});
  std::vector<bool> failed;
  const auto tell = [&] {
    notifier.notify_async(
        Priority::info, "e", nullptr, {},
        Completion<void>([&](const Outcome<void>& end) { failed.push_back(end.failed()); }));
  };
  tell();
  tell();
  tell();
  EXPECT_THAT(failed, ElementsAre(true));
  EXPECT_EQ(notifier.dropped(), 1U);
  slow->under_way[0].succeed();
  tell();
  EXPECT_EQ(notifier.prepare({.retry = 1}).dropped(), 1U);
  EXPECT_EQ(slow->under_way.size(), 3U);
  slow->under_way.clear();
  EXPECT_THAT(failed, ElementsAre(true, false, true, true)) << "abandoned ones failed";
}

TEST_F(NotifierTest, NTF_16_ManyMayBeUnderWay) {
  const Notifier notifier(transport, {.drivers = {"messagingv2", "test"}});
  int ended = 0;
  for (int i = 0; i < 10; ++i) {
    notifier.notify_async(
        Priority::info, "e", i, {},
        Completion<void>([&](const Outcome<void>& outcome) { ended += !outcome.failed(); }));
  }
  EXPECT_EQ(ended, 10);
}

TEST_F(NotifierTest, NDRV_1_NDRV_2_OneDriverSendsV1TheOtherV2) {
  Notifier(transport, {.drivers = {"messaging", "messagingv2"}}).warn("e", nullptr);
  ASSERT_EQ(record.sent.size(), 2U);
  EXPECT_EQ(record.sent[0].envelope, Envelope::v1);
  EXPECT_EQ(record.sent[1].envelope, Envelope::v2);
  EXPECT_EQ(record.sent[0].target, Target{.topic = "notifications.warn"});
  EXPECT_EQ(record.sent[1].target, Target{.topic = "notifications.warn"});
}

TEST_F(NotifierTest, NDRV_3_ATopicThatFailsDoesNotStopTheOthers) {
  test::CapturedLog log;
  record.fault = [this] {
    if (record.sent.empty()) {
      record.fault = [] {};
      throw MessageDeliveryFailure("no room");
    }
  };
  Notifier(transport, {.topics = {"a", "b"}}).info("e", nullptr);
  EXPECT_THAT(topics(), ElementsAre("b.info"));
  EXPECT_THAT(log.lines(), ElementsAre(HasSubstr("no room")));
}

TEST_F(NotifierTest, NDRV_3_EachFailureIsLogged) {
  test::CapturedLog log;
  record.fault = [] { throw MessageDeliveryFailure("no room"); };
  Notifier(transport, {.topics = {"a", "b"}}).info("e", nullptr);
  EXPECT_EQ(log.lines().size(), 2U);
}

TEST_F(NotifierTest, NDRV_7_TestKeepsWhatItGets) {
  Notifier(transport, {.drivers = {"test"}, .retry = 2}).error("e", 1, {{"user_id", "ada"}});
  ASSERT_EQ(TestNotifyDriver::kept().size(), 1U);
  const auto kept = TestNotifyDriver::kept()[0];
  EXPECT_EQ(kept.notification.context, (Object{{"user_id", "ada"}}));
  EXPECT_EQ(kept.priority, Priority::error);
  EXPECT_EQ(kept.retry, 2);
  TestNotifyDriver::reset();
  EXPECT_TRUE(TestNotifyDriver::kept().empty());
}

TEST_F(NotifierTest, NDRV_4_NDRV_5_TheLogHasTheMessageWithoutItsSecrets) {
  test::CapturedLog log;
  const Notifier notifier(transport, {.drivers = {"log"}});
  notifier.info("e", {{"user", "ada"},
                      {"admin_Password", "s3cret"},
                      {"nested", {{"auth_token", "s3cret"}}},
                      {"text", "password=s3cret and more"}});
  ASSERT_EQ(log.lines().size(), 1U);
  EXPECT_THAT(log.lines()[0], HasSubstr("oslo.messaging.notification.e: {"));
  EXPECT_THAT(log.lines()[0], HasSubstr("ada"));
  EXPECT_THAT(log.lines()[0], HasSubstr("password=*** and more"));
  EXPECT_EQ(log.lines()[0].find("s3cret"), std::string::npos) << log.lines()[0];
}

TEST_F(NotifierTest, NDRV_6_NoopSendsNothing) {
  Notifier(transport, {.drivers = {"noop"}}).info("e", nullptr);
  EXPECT_TRUE(record.sent.empty());
}

}  // namespace
}  // namespace gantry
