// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "captured_log.hpp"
#include "environment.hpp"
#include "gantry/config.hpp"
#include "gantry/error.hpp"
#include "gantry/notify/notifier.hpp"
#include "noting_driver.hpp"
#include "recording_driver.hpp"
#include "temporary_directory.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::filesystem::path kExamples = GANTRY_CONFIG_EXAMPLES;

struct RoutingFile : testing::Test {
  test::TemporaryDirectory directory;

  RoutingTable load(std::string_view text) {
    return load_routing_table(directory.write("routing.yaml", text));
  }
  // What is wrong with it, without the directory.
  std::string problem(std::string_view text) try {
    load(text);
    return "none";
  } catch (const ConfigurationError& error) {
    std::string what = error.what();
    return what.substr(
        what.starts_with(directory.path().string()) ? directory.path().string().size() + 1 : 0);
  }
};

TEST_F(RoutingFile, NDRV_8_HasGroupsOfDriversWithRules) {
  const RoutingTable table{
      {"group_1",
       {{"messaging", {.accepted_priorities = {{"info", "warn", "error"}}}},
        {"log", {.accepted_events = {{"compute.instance.*"}}}}}},
      {"group_2", {{"messaging", {.accepted_events = {{}}}}, {"noop", {}}}},
  };
  EXPECT_EQ(load(R"(
group_1:
  messaging:  {accepted_priorities: [info, warn, error]}
  log:        {accepted_events: ["compute.instance.*"]}
group_2:
  messaging:  {accepted_events: []}
  noop:       {}
)"),
            table);
}

TEST_F(RoutingFile, ROUT_8_MayBeEmpty) {
  EXPECT_THAT(load(""), IsEmpty());
  EXPECT_THAT(load("# nothing yet\n"), IsEmpty());
  EXPECT_THAT(load("{}"), IsEmpty());
}

TEST_F(RoutingFile, ROUT_9_EveryMistakeHasItsPlace) {
  EXPECT_EQ(problem("g:\n  log:\n    accepted_event: [a]\n"),
            "routing.yaml:3:5: g.log.accepted_event: unknown key; did you mean 'accepted_events'?");
  EXPECT_EQ(problem("g:\n  log:\n"), "routing.yaml:2:3: g.log: has no value");
  EXPECT_EQ(problem("g: {log: {accepted_events: }}"),
            "routing.yaml:1:11: g.log.accepted_events: has no value");
  EXPECT_EQ(problem("g: {log: {accepted_events: foo.*}}"),
            "routing.yaml:1:28: g.log.accepted_events: has to be a list, [a, b]");
  EXPECT_EQ(problem("g:\n  mesaging: {}\n"),
            "routing.yaml:2:3: g.mesaging: no notify driver is called 'mesaging'; did you mean "
            "'messaging'? (known: messaging, messagingv2, log, noop, test, routing)");
  EXPECT_EQ(problem("g: {log: {accepted_events: [a, '[z-a]']}}"),
            "routing.yaml:1:32: g.log.accepted_events[1]: '[z-a]' is no pattern: "
            "invalid character class range: z-a");
  EXPECT_EQ(problem("g: {log: {}, log: {}}"),
            "routing.yaml:1:14: g.log: duplicate key; it stands in line 1 already");
  EXPECT_THAT(problem("g: [\n"), testing::StartsWith("routing.yaml:2:1: not YAML"));
  EXPECT_EQ(problem("g: {log: , test: }"), "routing.yaml:1:5: g.log: has no value (and 1 more)");
}

TEST_F(RoutingFile, ROUT_9_MayBeMissing) {
  EXPECT_THROW(load_routing_table(directory.path() / "nosuch.yaml"), ConfigurationError);
}

// A configuration beside the routing file, with a notifier of its own.
struct ConfiguredRouting : RoutingFile {
  RecordingDriver::Record record;
  Transport transport = [this] {
    record.features.notifications = true;
    return record_transport(record);
  }();
  ConfiguredRouting() { TestNotifyDriver::reset(); }

  std::vector<std::string> problems(const std::string& keys) {
    const auto file = directory.write(
        "bus.yaml", "transports: {t: {url: 'fake:'}}\nnotifications: {transport: t, " + keys + "}");
    std::vector<std::string> all;
    for (const auto& problem : check_config(file).problems) {
      all.push_back(problem.str().substr(directory.path().string().size() + 1));
    }
    return all;
  }
  Notifier configured(const std::string& keys) {
    EXPECT_THAT(problems(keys), IsEmpty());
    const auto config = load_config(directory.path() / "bus.yaml");
    return Notifier(transport, notifier_options(*config.notifications));
  }
};

TEST_F(ConfiguredRouting, NTF_1_ANotifierIsMadeFromTheSection) {
  const auto notifier =
      configured("driver: [messagingv2, test], topics: [a], publisher_id: p, retry: 3");
  notifier.info("e", nullptr);
  ASSERT_THAT(record.sent, SizeIs(1));
  EXPECT_EQ(record.sent[0].target.topic, "a.info");
  ASSERT_THAT(TestNotifyDriver::kept(), SizeIs(1));
  EXPECT_EQ(TestNotifyDriver::kept()[0].retry, 3);
  EXPECT_EQ(TestNotifyDriver::kept()[0].notification.publisher_id, "p");
}

TEST_F(ConfiguredRouting, NTF_8_WithoutADriverItIsRefused) {
  EXPECT_THROW(configured("topics: [a]"), ConfigurationError);
  EXPECT_THROW(configured("driver: []"), ConfigurationError);
  EXPECT_NO_THROW(configured("driver: [noop]"));
}

TEST_F(ConfiguredRouting, ROUT_10_TheFileIsTheOneOfItsConfiguration) {
  load("g: {test: {accepted_events: [a]}}");
  const auto notifier = configured("driver: [routing], routing_config: routing.yaml");
  load("g: {test: {accepted_events: [b]}}");
  notifier.info("a", nullptr);
  notifier.info("b", nullptr);
  ASSERT_THAT(TestNotifyDriver::kept(), SizeIs(1)) << "it is read at the first notification";
  EXPECT_EQ(TestNotifyDriver::kept()[0].notification.event_type, "b");
}

TEST_F(ConfiguredRouting, ROUT_11_AFileIsReadAgainAndABadOneIsNotTaken) {
  load("g: {test: {}}");
  const auto notifier = configured("driver: [routing], routing_config: routing.yaml");
  notifier.info("first", nullptr);
  EXPECT_NE(problem("g: {test: }"), "none");
  EXPECT_THROW(notifier.reload(), ConfigurationError);
  notifier.info("second", nullptr);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(2));
  load("g: {noop: {}}");
  notifier.reload();
  notifier.info("third", nullptr);
  EXPECT_THAT(TestNotifyDriver::kept(), SizeIs(2));
}

TEST_F(ConfiguredRouting, ROUT_9_AConfigurationTellsWhatIsWrongInItsRoutingFile) {
  const std::string keys = "driver: [routing], routing_config: routing.yaml";
  EXPECT_THAT(problems(keys), ElementsAre("bus.yaml:2:66: notifications.routing_config: " +
                                          (directory.path() / "routing.yaml").string() +
                                          " cannot be read: No such file or directory"));
  EXPECT_NE(problem("g: {test: , log: }"), "none");
  EXPECT_THAT(problems(keys), ElementsAre("routing.yaml:1:5: g.test: has no value",
                                          "routing.yaml:1:13: g.log: has no value"));
}

TEST(RoutingExample, ROUT_12_RoutesAsItsCommentsSay) {
  test::Notes notes;
  RoutingNotifyDriver routing([] { return load_routing_table(kExamples / "routing_rules.yaml"); },
                              test::note_to(notes));
  const auto routed = [&](const char* event, Priority priority) {
    routing.notify({.event_type = event}, priority, {}, Completion<void>());
    auto drivers = notes.take_drivers();
    std::ranges::sort(drivers);
    return drivers;
  };
  EXPECT_THAT(routed("disk.full", Priority::error), ElementsAre("messagingv2"));
  EXPECT_THAT(routed("disk.full", Priority::info), IsEmpty());
  EXPECT_THAT(routed("compute.instance.resize.end", Priority::info), ElementsAre("messagingv2"));
  EXPECT_THAT(routed("compute.instance.create.end", Priority::warn),
              ElementsAre("log", "messagingv2"));
  EXPECT_THAT(routed("compute.instance.delete.start", Priority::debug), ElementsAre("messagingv2"));
}

TEST(RoutingExample, ROUT_12_ItsConfigurationLoads) {
  const test::Variable password("RABBIT_PASSWORD", "x");
  const test::Variable host("HOSTNAME", "node-1");
  const auto config = load_config(kExamples / "routing.yaml");
  EXPECT_EQ(config.notifications->routing_config, kExamples / "routing_rules.yaml");
  EXPECT_TRUE(notifier_options(*config.notifications).routing);
}

}  // namespace
}  // namespace gantry
