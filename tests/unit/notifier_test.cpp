// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct NotifierTest : testing::Test {
  RecordingDriver::Record record;
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
  void notify(const Notification&, Priority, const SendOptions&, Completion<void>&&) override {
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
  try {
    Notifier(transport, {.drivers = {"mesaging"}});
    FAIL() << "it was taken";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'messaging'?"));
  }
  EXPECT_FALSE(Notifier(transport, {.drivers = {"noop"}}).is_enabled());
  EXPECT_TRUE(Notifier(transport, {.drivers = {"log"}}).is_enabled());
}

TEST_F(NotifierTest, NTF_10_NTF_11_PrepareSharesTheDrivers) {
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

TEST_F(NotifierTest, NTF_16_ManyMayBeUnderWay) {
  const Notifier notifier(transport, {.drivers = {"messagingv2", "test"}});
  int ended = 0;
  for (int i = 0; i < 10; ++i) {
    notifier.notify_async(Priority::info, "e", i, {}, Completion<void>([&](Outcome<void> outcome) {
                            ended += !outcome.failed();
                          }));
  }
  EXPECT_EQ(ended, 10);
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
