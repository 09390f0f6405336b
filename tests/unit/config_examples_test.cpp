// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "environment.hpp"
#include "gantry/config.hpp"
#include "gantry/transport_url.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

const std::filesystem::path kExamples = GANTRY_CONFIG_EXAMPLES;

// The examples with the environment that they ask for.
class ConfigExamples : public testing::Test {
 protected:
  static Config load(const char* name) { return load_config(kExamples / name); }

 private:
  test::Variable rabbit_{"RABBIT_PASSWORD", "S3cr"};
  test::Variable kafka_{"KAFKA_KEY_PASSWORD", "S3/cr"};
  test::Variable host_{"HOSTNAME", "node-1"};
};

TEST_F(ConfigExamples, EachOfThemLoads) {
  std::size_t loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    if (entry.path().extension() != ".yaml" || entry.path().stem() == "routing_rules") continue;
    for (const auto& problem : check_config(entry.path()).problems) ADD_FAILURE() << problem.str();
    ++loaded;
  }
  EXPECT_EQ(loaded, 7U);
}

TEST_F(ConfigExamples, RabbitHasTwoBrokersAndOptions) {
  const auto config = load("rabbit.yaml");
  EXPECT_THAT(config.plugin_path, ElementsAre(kExamples / "drivers"));
  const auto& rpc = config.transport("rpc");
  EXPECT_EQ(rpc.url, "rabbit://svc:S3cr@mq1:5672,svc:S3cr@mq2:5672/prod");
  EXPECT_EQ(rpc.rpc_response_timeout, 90s);
  ASSERT_THAT(rpc.options, SizeIs(3));
  EXPECT_EQ(rpc.options[0].where, (kExamples / "rabbit.yaml").string() + ":11:7");
}

TEST_F(ConfigExamples, KafkaAndFakeHaveTheirUrls) {
  EXPECT_THAT(TransportUrl::parse(load("kafka.yaml").transport("events").url).hosts, SizeIs(2));
  EXPECT_EQ(load("fake.yaml").transport("bus").url, "fake:///");
}

TEST_F(ConfigExamples, SecretsComeFromAFileAndTheEnvironment) {
  const auto config = load("secrets.yaml");
  EXPECT_EQ(TransportUrl::parse(config.transport("rpc").url).hosts[0].password, "not/a/real/one");
  const auto& events = config.transport("events");
  ASSERT_THAT(events.options, SizeIs(1));
  EXPECT_EQ(events.options[0].text, "S3/cr");
  EXPECT_TRUE(events.options[0].secret);
}

TEST_F(ConfigExamples, NotificationsHaveTheirTransport) {
  const auto config = load("notifications.yaml");
  ASSERT_TRUE(config.notifications);
  EXPECT_EQ(config.notifications->transport, "events");
  EXPECT_EQ(config.notifications->publisher_id, "calc.node-1");
  EXPECT_THAT(config.notifications->driver, ElementsAre("messagingv2", "log"));
  EXPECT_EQ(config.notifications->retry, 3);
}

}  // namespace
}  // namespace gantry
