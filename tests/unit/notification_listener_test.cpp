// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <mutex>

#include "captured_log.hpp"
#include "fake_transport.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/notify/notifier.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

// What endpoints saw, in order.
class Seen {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  std::vector<std::string> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

struct NotificationListenerTest : testing::Test {
  Transport transport = fake_transport(new_url());
  Notifier notifier{transport, {.publisher_id = "test"}};
  Seen seen;

  static std::string new_url() {
    static int made = 0;
    return "fake://notification-listener-" + std::to_string(++made);
  }
  NotificationEndpoint noting(const std::string& name, Priority priority = Priority::info) {
    NotificationEndpoint endpoint;
    endpoint.on(priority, [this, name](const Notification& event) {
      seen.add(name + ':' + event.event_type);
    });
    return endpoint;
  }
  NotificationListener listener(std::vector<NotificationEndpoint> endpoints,
                                ListenerOptions options = {}) {
    return {transport, {{.topic = "notifications"}}, std::move(endpoints), std::move(options)};
  }
};

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
  for (std::size_t tries = 1; tries <= 4; ++tries) {
    seen.await(tries);
    while (transport.ledger().counts().receipts_under_way() != 0) std::this_thread::yield();
    clock.advance(30s);
  }
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
  seen.await(2);
  while (transport.ledger().counts().receipts_under_way() != 0) std::this_thread::yield();
  clock.advance(1s);
  EXPECT_THAT(seen.await(5), ElementsAre("a:e", "b", "a:e", "b", "c:e"));
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

TEST_F(NotificationListenerTest, NDSP_6_NDSP_7_ABatchIsFilteredAndSettledOneByOne) {
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
  auto events =
      listener({picky, other}, {.batch = {.size = 3}, .allow_requeue = true, .workers = 1});
  notifier.info("wanted", 1);
  notifier.info("unwanted", 2);
  notifier.info("wanted", 3);
  events.start();
  EXPECT_THAT(seen.await(2), ElementsAre("picky 2", "other 2"));
  while (transport.ledger().counts().receipts_under_way() != 0) std::this_thread::yield();
  clock.advance(100ms);
  clock.advance(1min);
  EXPECT_THAT(seen.await(4), ElementsAre("picky 2", "other 2", "picky 1", "other 1"));
}

TEST_F(NotificationListenerTest, NLSN_1_AListenerThatWantsNothingIsRefused) {
  EXPECT_THROW(listener({NotificationEndpoint()}), InvalidArgument);
  EXPECT_THROW(listener({noting("a")}, {.batch = {.size = 0}}), InvalidArgument);
  EXPECT_THROW(listener({noting("a")}, {.workers = 0}), InvalidArgument);
}

}  // namespace
}  // namespace gantry
