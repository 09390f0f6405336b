// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/listener.hpp"

#include <gmock/gmock.h>

#include <future>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "marking_serializer.hpp"
#include "notification_fixture.hpp"
#include "serving_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST_F(NotificationListenerTest, NLSN_2_NLSN_3_OnlyPrioritiesWithAFunctionAreTaken) {
  auto events = listener({noting("i"), noting("e", Priority::error)});
  events.start();
  notifier.debug("unwanted", nullptr);
  notifier.info("one", nullptr);
  notifier.error("two", nullptr);
  EXPECT_THAT(seen.await(2), UnorderedElementsAre("i:one", "e:two"));
}

TEST_F(NotificationListenerTest, NLSN_2_ATargetThatIsGivenTwiceIsListenedToOnce) {
  NotificationListener events(transport, {{.topic = "notifications"}, {.topic = "notifications"}},
                              {noting("a")});
  events.start();
  notifier.info("one", nullptr);
  seen.await(1);
  events.stop();
  events.wait();
  EXPECT_THAT(seen.await(1), ElementsAre("a:one"));
}

TEST_F(NotificationListenerTest, NLSN_4_AnEndpointGetsAllThatWasSent) {
  std::promise<Notification> got;
  NotificationEndpoint endpoint;
  endpoint.on(Priority::warn, [&](const Notification& event) { got.set_value(event); });
  auto events = listener({endpoint});
  events.start();
  const auto id = notifier.notify_or_throw(Priority::warn, "e", {{"x", 1}}, {{"user_id", "ada"}});
  const auto event = got.get_future().get();
  EXPECT_EQ(event.message_id, id);
  EXPECT_EQ(event.publisher_id, "test");
  EXPECT_EQ(event.payload, Value({{"x", 1}}));
  EXPECT_EQ(event.context, (Object{{"user_id", "ada"}}));
  EXPECT_FALSE(event.timestamp.empty());
}

TEST_F(NotificationListenerTest, NLSN_6_WithoutRequeueAFailureIsALossThatIsTold) {
  test::CapturedLog log;
  NotificationEndpoint failing;
  failing.on(Priority::info, [&](const Notification&) {
    seen.add("tried");
    throw std::runtime_error("odd");
  });
  auto events = listener({failing});
  events.start();
  const auto id = notifier.notify_or_throw(Priority::info, "e", nullptr);
  seen.await(1);
  events.stop();
  events.wait();
  EXPECT_THAT(log.lines(), testing::Contains(testing::HasSubstr(id + " is lost")));
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 1U);
  EXPECT_EQ(transport.ledger().counts().receipts_under_way(), 0U);
}

TEST_F(NotificationListenerTest, NLSN_5_WithoutRequeueAResultOfRequeueIsALoss) {
  test::CapturedLog log;
  NotificationEndpoint endpoint;
  const auto gives = [this](NotificationResult result) {
    return [this, result](const Notification& event) {
      seen.add(event.priority);
      return result;
    };
  };
  endpoint.on(Priority::info, gives(NotificationResult::requeue));
  endpoint.on(Priority::warn, gives(NotificationResult::handled));
  auto events = listener({endpoint});
  events.start();
  notifier.info("e", nullptr);
  notifier.warn("e", nullptr);
  seen.await(2);
  events.stop();
  events.wait();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 1U);
  EXPECT_EQ(transport.ledger().counts().of(Receipt::handled), 1U);
}

TEST_F(NotificationListenerTest, LSN_14_WhatIsLeftComesAgainWithoutRequeue) {
  NotificationEndpoint endpoint;
  endpoint.on(Priority::info, [this, first = true](const Notification&) mutable {
    seen.add("it");
    return std::exchange(first, false) ? NotificationResult::leave : NotificationResult::handled;
  });
  auto events = listener({endpoint, noting("later")});
  events.start();
  notifier.info("e", nullptr);
  EXPECT_THAT(seen.await(3), testing::ElementsAre("it", "it", "later:e"));
  events.stop();
  events.wait();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::requeued), 1U);
  EXPECT_EQ(transport.ledger().counts().of(Receipt::handled), 1U);
}

TEST(NotificationListener, NLSN_7_RequeueIsRefusedWhereTheDriverHasNone) {
  ServingDriver::Record record{.features = {.notifications = true}};
  Transport transport = serving_transport(record);
  EXPECT_THROW(NotificationListener(transport, {{.topic = "t"}}, {.allow_requeue = true}),
               UnsupportedFeature);
}

TEST_F(NotificationListenerTest, NLSN_10_OneListenerTakesSeveralTopicsAndExchanges) {
  NotificationListener events(transport, {{.topic = "a"}, {.exchange = "other", .topic = "b"}},
                              {noting("it")});
  events.start();
  Notifier(transport, {.topics = {"a"}}).info("one", nullptr);
  Notifier(transport, {.topics = {"b"}}).info("elsewhere", nullptr);
  transport.send_notification({.exchange = "other", .topic = "b.info"},
                              message_of({.event_type = "two", .priority = "INFO"}), Envelope::v2,
                              {});
  EXPECT_THAT(seen.await(2), UnorderedElementsAre("it:one", "it:two"));
}

TEST_F(NotificationListenerTest, NLSN_4_FunctionsOfTheListenerItself) {
  NotificationListener events(transport, {{.topic = "notifications"}}, {.workers = 1});
  events.on(Priority::info, [&](const Notification& event) { seen.add(event.event_type); });
  events.on_batch(Priority::error, [&](std::span<const Notification> group) {
    seen.add(std::to_string(group.size()));
  });
  events.start();
  notifier.info("one", nullptr);
  notifier.error("two", nullptr);
  EXPECT_THAT(seen.await(2), UnorderedElementsAre("one", "1"));
}

TEST_F(NotificationListenerTest, FLT_6_AFilterSeesWhatTheSerializerMade) {
  NotificationEndpoint endpoint = noting("a");
  endpoint.filter(NotificationFilter({.payload = {{"added", "yes"}}}));
  class Adding final : public Serializer {
   public:
    Value serialize_entity(const Object&, const Value& entity) const override { return entity; }
    Value deserialize_entity(const Object&, const Value& entity) const override {
      return entity == "plain" ? Value{{"added", "yes"}} : entity;
    }
    Object serialize_context(const Object& context) const override { return context; }
    Object deserialize_context(const Object& context) const override { return context; }
  };
  auto events = listener({endpoint}, {.serializer = std::make_shared<Adding>()});
  events.start();
  notifier.info("other", "nothing");
  notifier.info("one", "plain");
  EXPECT_THAT(seen.await(1), ElementsAre("a:one"));
}

TEST_F(NotificationListenerTest, NLSN_8_EachPoolHasACopyAndMembersShareIt) {
  auto one = listener({noting("p1")}, {.pool = "p1"});
  auto two = listener({noting("p2")}, {.pool = "p2"});
  auto shared = listener({noting("p2")}, {.pool = "p2"});
  one.start();
  two.start();
  shared.start();
  for (int i = 0; i < 100; ++i) notifier.info("e", i);
  const auto all = seen.await(200);
  EXPECT_EQ(std::ranges::count(all, "p1:e"), 100);
  EXPECT_EQ(std::ranges::count(all, "p2:e"), 100);
}

TEST_F(NotificationListenerTest, NLSN_11_ATargetWithoutTopicIsRefusedAtStart) {
  NotificationListener events(transport, {{}}, {noting("a")});
  EXPECT_THROW(events.start(), InvalidTarget);
}

TEST_F(NotificationListenerTest, NLSN_12_ANotificationIsNotRequeuedForEver) {
  ManualClock clock;
  test::CapturedLog log;
  NotificationEndpoint stubborn;
  std::atomic<int> deliveries = 0;
  stubborn.on(Priority::info, [&](const Notification&) {
    ++deliveries;
    seen.add("tried");
    return NotificationResult::requeue;
  });
  auto events = listener({stubborn}, {.allow_requeue = true, .max_redeliveries = 3});
  events.start();
  notifier.info("e", nullptr);
  seen.await(4, clock);
  events.stop();
  events.wait();
  EXPECT_EQ(deliveries, 4);
  EXPECT_EQ(transport.ledger().counts().of(Receipt::requeued), 3U);
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 1U);
}

TEST_F(NotificationListenerTest, NDSP_1_NDSP_2_TheFirstThatWantsItBackEndsTheChain) {
  ManualClock clock;
  NotificationEndpoint once;
  once.on(Priority::info, [&, first = true](const Notification&) mutable {
    seen.add("b");
    return std::exchange(first, false) ? NotificationResult::requeue : NotificationResult::handled;
  });
  auto events = listener({noting("a"), once, noting("c")}, {.allow_requeue = true, .workers = 1});
  events.start();
  notifier.info("e", nullptr);
  EXPECT_THAT(seen.await(5, clock), ElementsAre("a:e", "b", "a:e", "b", "c:e"));
}

TEST_F(NotificationListenerTest, NDSP_3_WithResumeThoseThatHandledItDoNotSeeItAgain) {
  ManualClock clock;
  NotificationEndpoint once;
  once.on(Priority::info, [&, first = true](const Notification&) mutable {
    seen.add("b");
    if (std::exchange(first, false)) throw std::runtime_error("not yet");
  });
  test::CapturedLog log;
  auto events = listener({noting("a"), once, noting("c")},
                         {.allow_requeue = true, .resume = true, .workers = 1});
  events.start();
  notifier.info("e", nullptr);
  EXPECT_THAT(seen.await(4, clock), ElementsAre("a:e", "b", "b", "c:e"));
}

TEST_F(NotificationListenerTest, NLSN_12_WhatWaitsToComeAgainIsGivenBackAtTheEnd) {
  ManualClock clock;  // nobody moves it
  NotificationEndpoint refusing;
  refusing.on(Priority::info, [&](const Notification&) {
    seen.add("tried");
    return NotificationResult::requeue;
  });
  auto first = listener({refusing}, {.allow_requeue = true});
  first.start();
  notifier.info("e", nullptr);
  seen.await(1);
  first.stop();
  first.wait();
  auto second = listener({noting("second")});
  second.start();
  EXPECT_THAT(seen.await(2), ElementsAre("tried", "second:e"));
}

TEST_F(NotificationListenerTest, NDSP_4_AnUnknownPriorityIsPassedOver) {
  test::CapturedLog log;
  auto events = listener({noting("a")});
  events.start();
  transport.send_notification({.topic = "notifications.info"},
                              {.body = {{"event_type", "odd"}, {"priority", "what???"}}},
                              Envelope::v2, {});
  transport.send_notification({.topic = "notifications.info"}, {.body = {{"event_type", "none"}}},
                              Envelope::v1, {});
  notifier.info("e", nullptr);
  EXPECT_THAT(seen.await(1), ElementsAre("a:e"));
}

TEST_F(NotificationListenerTest, NLSN_1_AListenerThatWantsNothingIsRefused) {
  EXPECT_THROW(listener({NotificationEndpoint()}).start(), InvalidArgument);
  EXPECT_THROW(NotificationListener(transport, {}, {noting("a")}).start(), InvalidArgument);
  EXPECT_THROW(listener({noting("a")}, {.batch = {.size = 0}}), InvalidArgument);
  EXPECT_THROW(listener({noting("a")}, {.workers = 0}), InvalidArgument);
}

}  // namespace
}  // namespace gantry
