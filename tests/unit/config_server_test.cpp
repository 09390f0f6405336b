// SPDX-License-Identifier: Apache-2.0
// What a file says about the servers on a transport, and the names that oslo.messaging had before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "captured_log.hpp"
#include "gantry/config.hpp"
#include "gantry/error.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Config config(const std::string& transport) {
  const auto report = parse_config("transports: {t: {url: 'fake:'" + transport + "}}", "bus.yaml");
  for (const auto& problem : report.problems) ADD_FAILURE() << problem.str();
  return report.config;
}

std::vector<std::string> problems(const std::string& transport) {
  std::vector<std::string> lines;
  const auto report = parse_config("transports: {t: {url: 'fake:'" + transport + "}}", "bus.yaml");
  for (const auto& problem : report.problems) lines.push_back(problem.str());
  return lines;
}

// Tables A and B of the requirements, those options that are not the drivers'.
TEST(ConfigServer, CFG_1_EveryCoreOptionHasItsDefault) {
  const auto read =
      parse_config("{transports: {t: {url: 'fake:'}}, notifications: {transport: t}}", "bus.yaml")
          .config;
  EXPECT_EQ(TransportConfig{}.url, "rabbit://");
  EXPECT_EQ(read.transport("t").exchange, "openstack");
  EXPECT_EQ(read.transport("t").rpc_response_timeout, std::chrono::seconds(60));
  EXPECT_EQ(read.transport("t").executor_thread_pool_size, 64U);
  EXPECT_FALSE(read.transport("t").rpc_ping_enabled);
  EXPECT_THAT(read.notifications->driver, IsEmpty());
  EXPECT_THAT(read.notifications->topics, ElementsAre("notifications"));
  EXPECT_EQ(read.notifications->retry, -1);
}

TEST(ConfigServer, CFG_13_ATransportSaysHowItsServersWork) {
  const auto read = config(", executor_thread_pool_size: 5, rpc_ping_enabled: yes");
  EXPECT_EQ(read.transport("t").executor_thread_pool_size, 5U);
  EXPECT_TRUE(read.transport("t").rpc_ping_enabled);
}

TEST(ConfigServer, CFG_14_WrongValuesOfServersAreProblems) {
  EXPECT_THAT(problems(", executor_thread_pool_size: 0"),
              ElementsAre("bus.yaml:1:59: transports.t.executor_thread_pool_size: option "
                          "'executor_thread_pool_size': '0' is less than 1"));
  EXPECT_THAT(problems(", rpc_ping_enabled: maybe"),
              ElementsAre(testing::HasSubstr("'maybe' is neither true")));
}

TEST(ConfigServer, CFG_8_OldNamesAreTakenWithAWarning) {
  const test::CapturedLog log;
  const auto read = config(", rpc_thread_pool_size: 5, control_exchange: nova");
  EXPECT_EQ(read.transport("t").executor_thread_pool_size, 5U);
  EXPECT_EQ(read.transport("t").exchange, "nova");
  EXPECT_THAT(log.lines(),
              ElementsAre("bus.yaml:1:32: transports.t.rpc_thread_pool_size is now called "
                          "'executor_thread_pool_size'",
                          "bus.yaml:1:57: transports.t.control_exchange is now called 'exchange'"));
}

TEST(ConfigServer, CFG_8_TheOldAndTheNewNameExcludeEachOther) {
  EXPECT_THAT(problems(", exchange: a, control_exchange: b"),
              ElementsAre("bus.yaml:1:45: transports.t.control_exchange: the same as 'exchange', "
                          "which is there already"));
}

}  // namespace
}  // namespace gantry
