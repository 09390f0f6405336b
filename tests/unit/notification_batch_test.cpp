// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "captured_log.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/notify/listener.hpp"
#include "marking_serializer.hpp"
#include "notification_fixture.hpp"
#include "serving_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct NotificationBatchTest : NotificationListenerTest {
  NotificationEndpoint sizes(const std::string& name, std::initializer_list<Priority> priorities) {
    NotificationEndpoint endpoint;
    for (const auto priority : priorities) {
      endpoint.on_batch(priority, [this, name](std::span<const Notification> group) {
        std::string types;
        for (const auto& each : group) types += ' ' + each.event_type;
        seen.add(name + types);
      });
    }
    return endpoint;
  }
};

TEST_F(NotificationBatchTest, NDSP_5_GroupsComeInTheOrderOfTheirFirstMessage) {
  auto events = listener({sizes("x", {Priority::debug, Priority::error, Priority::info})},
                         {.batch = {.size = 5}});
  notifier.info("one", nullptr);
  notifier.error("two", nullptr);
  notifier.debug("three", nullptr);
  notifier.info("four", nullptr);
  notifier.error("five", nullptr);
  events.start();
  EXPECT_THAT(seen.await(3), ElementsAre("x one four", "x two five", "x three"));
}

TEST_F(NotificationBatchTest, NDSP_6_NDSP_7_ABatchIsFilteredAndSettledOneByOne) {
  ManualClock clock;
  NotificationEndpoint picky;
  picky.filter(NotificationFilter({.event_type = "wanted"}));
  picky.on_batch(Priority::info, [&, first = true](std::span<const Notification> group) mutable {
    seen.add("picky " + std::to_string(group.size()));
    NotificationEndpoint::Results results(group.size(), NotificationResult::handled);
    if (std::exchange(first, false)) results[0] = NotificationResult::requeue;
    return results;
  });
  NotificationEndpoint other;
  other.on_batch(Priority::info, [&](std::span<const Notification> group) {
    seen.add("other " + std::to_string(group.size()));
  });
  auto events = listener(
      {picky, other}, {.batch = {.size = 3, .timeout = 1s}, .allow_requeue = true, .workers = 1});
  notifier.info("wanted", 1);
  notifier.info("unwanted", 2);
  notifier.info("wanted", 3);
  events.start();
  EXPECT_THAT(seen.await(2), ElementsAre("picky 2", "other 2"));
  EXPECT_THAT(seen.await(4, clock), ElementsAre("picky 2", "other 2", "picky 1", "other 1"));
}

TEST_F(NotificationBatchTest, NDSP_7_OneResultIsForAllThatTheEndpointWasGiven) {
  ManualClock clock;
  NotificationEndpoint first_refuses;
  first_refuses.on_batch(Priority::info,
                         [&, first = true](std::span<const Notification> group) mutable {
                           seen.add("refusing " + std::to_string(group.size()));
                           return std::exchange(first, false) ? NotificationResult::requeue
                                                              : NotificationResult::handled;
                         });
  auto events = listener({first_refuses}, {.batch = {.size = 2}, .allow_requeue = true});
  notifier.info("one", nullptr);
  notifier.info("two", nullptr);
  events.start();
  seen.await(1);
  await_settled();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::requeued), 2U);
}

TEST_F(NotificationBatchTest, NDSP_7_AsManyResultsAsNotificationsAreExpected) {
  test::CapturedLog log;
  NotificationEndpoint wrong;
  wrong.on_batch(Priority::info, [&](std::span<const Notification>) {
    seen.add("called");
    return NotificationEndpoint::Results{NotificationResult::handled};
  });
  auto events = listener({wrong}, {.batch = {.size = 2}});
  notifier.info("one", nullptr);
  notifier.info("two", nullptr);
  events.start();
  seen.await(1);
  events.stop();
  events.wait();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 2U);
  EXPECT_THAT(log.lines(), testing::Contains(HasSubstr("1 results for 2 notifications")));
}

TEST_F(NotificationBatchTest, NDSP_9_SER_6_WhatCannotBeReadHarmsOnlyItself) {
  test::CapturedLog log;
  class Refusing final : public Serializer {
   public:
    Value serialize_entity(const Object&, const Value& entity) const override { return entity; }
    Value deserialize_entity(const Object&, const Value& entity) const override {
      return entity == "bad" ? throw std::runtime_error("no way in") : entity;
    }
    Object serialize_context(const Object& context) const override { return context; }
    Object deserialize_context(const Object& context) const override { return context; }
  };
  auto events = listener({sizes("x", {Priority::info})},
                         {.batch = {.size = 5}, .serializer = std::make_shared<Refusing>()});
  for (const auto* const type : {"one", "two", "bad", "four", "five"}) notifier.info(type, type);
  events.start();
  EXPECT_THAT(seen.await(1), ElementsAre("x one two four five"));
  events.stop();
  events.wait();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::handled), 4U);
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 1U);
}

TEST(NotificationBatch, NDSP_8_MessagesAreSettledInTheOrderOfTheirArrival) {
  ManualClock clock;
  ServingDriver::Record record;
  Transport transport = serving_transport(record);
  NotificationEndpoint endpoint;
  const auto fine = [](std::span<const Notification>) {};
  endpoint.on_batch(Priority::info, fine).on_batch(Priority::error, fine);
  NotificationListener events(transport, {{.topic = "t"}}, {endpoint},
                              {.batch = {.size = 3}, .executor = "inline"});
  events.start();
  record.notify({{{"message_id", "1"}, {"priority", "INFO"}},
                 {{"message_id", "2"}, {"priority", "ERROR"}},
                 {{"message_id", "3"}, {"priority", "INFO"}}});
  EXPECT_THAT(record.noted(), ElementsAre("acknowledge 1", "acknowledge 2", "acknowledge 3"));
}

}  // namespace
}  // namespace gantry
