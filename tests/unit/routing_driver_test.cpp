// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/notify/routing.hpp"
#include "noting_driver.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const RoutingTable kAllToTest{{"all", {{"test", {}}}}};

struct RoutingDriver : testing::Test {
  RecordingDriver::Record record;
  Transport transport = [this] {
    record.features.notifications = true;
    return record_transport(record);
  }();
  test::CapturedLog log;
  test::Notes notes;

  RoutingDriver() { TestNotifyDriver::reset(); }

  Notifier routed_by(RoutingSource source) {
    return Notifier(transport, {.drivers = {"routing"}, .routing = std::move(source)});
  }
  // To drivers of the test's own.
  Notifier noted(RoutingTable table, std::function<void()> then = {}) {
    return {transport,
            {.retry = 7},
            {std::make_shared<RoutingNotifyDriver>([table = std::move(table)] { return table; },
                                                   test::note_to(notes, std::move(then)))}};
  }
  auto lines_with(std::string_view text) const {
    auto lines = log.lines();
    std::erase_if(lines, [&](const auto& line) { return line.find(text) == line.npos; });
    return lines;
  }
};

TEST_F(RoutingDriver, ROUT_1_TheTableIsAskedForOnceAtTheFirstNotification) {
  std::atomic<int> asked = 0;
  const auto notifier = routed_by([&] {
    ++asked;
    return kAllToTest;
  });
  EXPECT_EQ(asked, 0);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { notifier.info("e", nullptr); });
  }
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(4));
}

TEST_F(RoutingDriver, ROUT_1_OnlyTheDriversThatItNamesAreMadeEachOnceNeverItself) {
  std::vector<std::string> made;
  RoutingNotifyDriver routing(
      [] {
        return RoutingTable{{"g1", {{"a", {}}, {"routing", {}}}}, {"g2", {{"a", {}}, {"b", {}}}}};
      },
      [&](std::string_view name) {
        made.emplace_back(name);
        return test::note_to(notes)(name);
      });
  for (int i = 0; i < 3; ++i) routing.notify({}, Priority::info, {}, Completion<void>());
  EXPECT_THAT(made, ElementsAre("a", "b"));
}

TEST_F(RoutingDriver, NDRV_8_ROUT_2_DriversGetTheTopicsAndTheTransportOfTheirNotifier) {
  const Notifier notifier(transport,
                          {.topics = {"audit", "bills"}, .drivers = {"routing"}, .routing = [] {
                             return RoutingTable{{"g", {{"test", {}}, {"messagingv2", {}}}}};
                           }});
  notifier.info("e", 1);
  ASSERT_THAT(record.sent, SizeIs(2));
  EXPECT_EQ(record.sent[0].target.topic, "audit.info");
  EXPECT_EQ(record.sent[1].target.topic, "bills.info");
  ASSERT_THAT(TestNotifyDriver::kept(), SizeIs(1));
  EXPECT_EQ(message_of(TestNotifyDriver::kept()[0].notification), record.sent[0].message);
}

TEST_F(RoutingDriver, ROUT_2_ADriverThatSendsNeedsATopic) {
  const Notifier notifier(transport, {.topics = {}, .drivers = {"routing"}, .routing = [] {
                                        return RoutingTable{{"g", {{"messaging", {}}}}};
                                      }});
  EXPECT_THROW(notifier.notify_or_throw(Priority::info, "e", nullptr), ConfigurationError);
}

TEST_F(RoutingDriver, ROUT_7_DriversGetTheMessageUnchangedAndALineNamesThem) {
  const auto notifier = noted({{"g", {{"first", {}}}}});
  notifier.warn("disk.full", {{"x", 1}}, {{"user_id", "u"}});
  const auto got = notes.take();
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].notification.event_type, "disk.full");
  EXPECT_EQ(got[0].notification.priority, "WARN");
  EXPECT_EQ(got[0].notification.payload, Value({{"x", 1}}));
  EXPECT_EQ(got[0].notification.context, (Object{{"user_id", "u"}}));
  EXPECT_EQ(got[0].priority, Priority::warn);
  EXPECT_EQ(got[0].options.retry, 7);
  EXPECT_THAT(log.lines(), Contains(testing::AllOf(HasSubstr("disk.full"), HasSubstr("first"))));
}

TEST_F(RoutingDriver, ROUT_7_AFailureOfOneDoesNotStopTheOthers) {
  const auto notifier = noted({{"g", {{"first", {}}, {"second", {}}}}},
                              [] { throw MessageDeliveryFailure("out of order"); });
  EXPECT_THROW(notifier.notify_or_throw(Priority::info, "e", nullptr), MessageDeliveryFailure);
  EXPECT_THAT(notes.take_drivers(), ElementsAre("first", "second"));
  EXPECT_THAT(lines_with("out of order"), SizeIs(1)) << "the other one was thrown";
}

TEST_F(RoutingDriver, ROUT_8_WithoutATableOneWarningAndNothingIsRouted) {
  for (const RoutingSource& source :
       {RoutingSource(), RoutingSource([] { return RoutingTable(); }), RoutingSource([] {
          return RoutingTable{{"g", {}}};
        })}) {
    const test::CapturedLog lines;
    const auto notifier = routed_by(source);
    for (int i = 0; i < 100; ++i) notifier.notify_or_throw(Priority::info, "e", nullptr);
    EXPECT_THAT(lines.lines(), ElementsAre(HasSubstr("has no rules")));
  }
}

TEST_F(RoutingDriver, ROUT_9_AnUnknownDriverIsNamedWithItsNeighbour) {
  const auto notifier = routed_by([] { return RoutingTable{{"g", {{"mesaging", {}}}}}; });
  for (int i = 0; i < 2; ++i) {
    try {
      notifier.notify_or_throw(Priority::info, "e", nullptr);
      FAIL() << "it was taken";
    } catch (const ConfigurationError& error) {
      EXPECT_THAT(error.what(), HasSubstr("did you mean 'messaging'?"));
    }
  }
}

TEST_F(RoutingDriver, ROUT_11_ReloadAsksAgain) {
  RoutingTable table = kAllToTest;
  const auto notifier = routed_by([&] { return table; });
  notifier.info("e", nullptr);
  table = {{"all", {{"noop", {}}}}};
  notifier.info("e", nullptr);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(2));
  notifier.reload();
  notifier.info("e", nullptr);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(2));
}

TEST_F(RoutingDriver, ROUT_11_ABadTableKeepsTheOldOne) {
  RoutingTable table = kAllToTest;
  const auto notifier = routed_by([&] {
    if (table.empty()) throw ConfigurationError("routing.yaml:1:1: not YAML");
    return table;
  });
  notifier.info("e", nullptr);
  table = {};
  EXPECT_THROW(notifier.reload(), ConfigurationError);
  table = {{"all", {{"nosuch", {}}}}};
  EXPECT_THROW(notifier.reload(), ConfigurationError);
  notifier.info("e", nullptr);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(2));
}

TEST_F(RoutingDriver, ROUT_11_AGoodTableMendsABadOne) {
  bool good = false;
  int asked = 0;
  const auto notifier = routed_by([&] {
    ++asked;
    if (!good) throw ConfigurationError("routing.yaml:1:1: not YAML");
    return kAllToTest;
  });
  for (int i = 0; i < 3; ++i) notifier.info("e", nullptr);
  EXPECT_THAT(lines_with("routing.yaml:1:1"), SizeIs(3));
  good = true;
  notifier.reload();
  notifier.info("e", nullptr);
  EXPECT_EQ(asked, 2);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(1));
}

TEST_F(RoutingDriver, ROUT_11_NotificationsSeeOneTableOrTheOther) {
  std::atomic<bool> first = true;
  const RoutingTable one{{"g", {{"a", {}}, {"b", {}}}}};
  const RoutingTable other{{"g", {{"c", {}}, {"d", {}}}}};
  const auto routing = std::make_shared<RoutingNotifyDriver>(
      [&] { return first.exchange(!first) ? one : other; }, test::note_to(notes));
  const Notifier notifier(transport, {}, {routing});
  const std::jthread reloader([&](std::stop_token stop) {
    while (!stop.stop_requested()) routing->reload();
  });
  for (int i = 0; i < 200; ++i) {
    notifier.info("e", nullptr);
    EXPECT_THAT(notes.take_drivers(), testing::AnyOf(ElementsAre("a", "b"), ElementsAre("c", "d")));
  }
}

TEST_F(RoutingDriver, ASourceThatNotifiesDoesNotWaitForItself) {
  Notifier* self = nullptr;
  auto notifier = routed_by([&] {
    self->info("reading", nullptr);
    return kAllToTest;
  });
  self = &notifier;
  notifier.info("e", nullptr);
  ASSERT_THAT(TestNotifyDriver::kept(), SizeIs(1));
  EXPECT_EQ(TestNotifyDriver::kept()[0].notification.event_type, "e");
}

}  // namespace
}  // namespace gantry
