// SPDX-License-Identifier: Apache-2.0
// Which of the settings of a transport wins, from the file to the driver's factory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "captured_log.hpp"
#include "environment.hpp"
#include "fake_transport.hpp"
#include "gantry/config.hpp"
#include "gantry/error.hpp"
#include "gantry/rpc/client.hpp"
#include "probe_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Precedence : testing::Test {
  const test::Probes probes;

  static TransportConfig transport(const std::string& text) {
    const auto report = parse_config(text, "bus.yaml");
    for (const auto& problem : report.problems) ADD_FAILURE() << problem.str();
    return report.config.transport("t");
  }
  std::int64_t count(const TransportConfig& config) const {
    return probes.open(config).options.get<std::int64_t>("count");
  }
  std::string refusal(const TransportConfig& config) const {
    try {
      probes.open(config);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "it was opened";
  }
};

// Set on every level, and peeled off one by one.
TEST_F(Precedence, CFG_15_TheQueryWinsOverTheProgramTheFileAndTheDefault) {
  auto config = transport("transports: {t: {url: 'probe:///?count=4', options: {count: 2}}}");
  config.options.push_back({"count", "3", "by the program"});
  EXPECT_EQ(count(config), 4);
  config.url = "probe:///";
  EXPECT_EQ(count(config), 3);
  config.options.pop_back();
  EXPECT_EQ(count(config), 2);
  config.options.clear();
  EXPECT_EQ(count(config), 1);
}

TEST_F(Precedence, CFG_15_TheEnvironmentHasItsSayWhereTheFileNamesIt) {
  const test::Variable variable("GANTRY_TEST_COUNT", "5");
  const test::Variable unasked("GANTRY_PROBE__COUNT", "6");
  EXPECT_EQ(
      count(transport("transports: {t: {url: 'probe:', options: {count: '${GANTRY_TEST_COUNT}'"
                      "}}}")),
      5);
  EXPECT_EQ(count({.url = "probe:"}), 1);
}

TEST_F(Precedence, OVR_8_TwoTransportsOfOneConfigurationHaveTheirOwnValues) {
  auto config = transport("transports: {t: {url: 'probe:', options: {count: 2}}}");
  const auto first = config.options;
  EXPECT_EQ(count(config), 2);
  config.url = "probe:///?count=3";
  EXPECT_EQ(count(config), 3);
  config.url = "probe:///?count=4";
  EXPECT_EQ(count(config), 4);
  ASSERT_THAT(config.options, SizeIs(1));
  EXPECT_EQ(config.options[0].text, "2");
  EXPECT_EQ(test::given_to_probes()[1].options.get<std::int64_t>("count"), 3);
}

TEST_F(Precedence, CFG_8_OVR_9_AnOldNameIsTakenFromAFileButNotFromAUrl) {
  const test::CapturedLog log;
  const auto config =
      transport("transports: {t: {url: 'probe:', options: {reconnect_timeout: 5}}}");
  EXPECT_EQ(probes.open(config).options.get<std::chrono::milliseconds>("retry_timeout"), 5s);
  EXPECT_THAT(log.lines(),
              ElementsAre("bus.yaml:1:43: the option 'reconnect_timeout' is now called "
                          "'retry_timeout'"));
  EXPECT_THAT(refusal({.url = "probe:///?reconnect_timeout=5"}),
              HasSubstr("unknown option 'reconnect_timeout'"));
}

TEST_F(Precedence, CFG_7_AQueryWithASecretIsNotRepeated) {
  const test::Variable secret("GANTRY_TEST_SECRET", "S3cr");
  const auto config = transport("transports: {t: {url: 'probe:///?count=${GANTRY_TEST_SECRET}'}}");
  EXPECT_THAT(refusal(config), AllOf(HasSubstr("bus.yaml:1:23: in the URL's query"),
                                     HasSubstr("'count'"), Not(HasSubstr("S3cr"))));
}

// Each has its own broker, exchange and timeout, and both are at work in one process.
TEST_F(Precedence, CFG_3_TwoConfigurationsLiveSideBySide) {
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  const auto one = transport("transports: {t: {url: 'fake://cfg3-1', exchange: one}}");
  const auto two =
      transport("transports: {t: {url: 'fake://cfg3-2', exchange: two, rpc_response_timeout: 7}}");
  auto first = drivers.open(one);
  auto second = drivers.open(two);
  EXPECT_EQ(first.settings().rpc_response_timeout, 60s);
  EXPECT_EQ(second.settings().rpc_response_timeout, 7s);
  const auto subscribed = first.listen({.topic = "calc", .server = "s"}, {}, never);
  EXPECT_NO_THROW(RpcClient(first, {.topic = "calc"}).cast("m"));
  EXPECT_NO_THROW(RpcClient(first, {.exchange = "one", .topic = "calc"}).cast("m"));
  EXPECT_THROW(RpcClient(first, {.exchange = "two", .topic = "calc"}).cast("m"),
               MessageUndeliverable);
  EXPECT_THROW(RpcClient(second, {.topic = "calc"}).cast("m"), MessageUndeliverable);
}

// What the factory is given.

TEST_F(Precedence, TRN_2_TheDriverGetsTheUrlWhole) {
  const std::string text = "probe+tls://u:p%40@h:5,i/v%20w?count=2";
  const auto url = TransportUrl::parse(text);
  EXPECT_TRUE(probes.open(text).url.identical(url));
  EXPECT_TRUE(probes.open(url.str()).url.identical(url));
}

TEST_F(Precedence, TRN_3_TheDriverGetsItsOptionsAndTheDefaultExchange) {
  const auto plain = probes.open("probe:");
  EXPECT_EQ(plain.default_exchange, "openstack");
  EXPECT_EQ(plain.options.get<std::int64_t>("count"), 1);
  const auto full = probes.open(
      {.url = "probe://h/", .exchange = "nova", .options = {{"count", "9", "by the program"}}});
  EXPECT_EQ(full.default_exchange, "nova");
  EXPECT_EQ(full.options.get<std::int64_t>("count"), 9);
  const auto read = probes.open(transport("transports: {t: {url: 'probe:', exchange: glance}}"));
  EXPECT_EQ(read.default_exchange, "glance");
}

TEST_F(Precedence, URL_6_TheSchemeBehindThePlusIsForTheDriverToRead) {
  EXPECT_EQ(probes.open("probe+x://").url.transport, "probe+x");
}

TEST_F(Precedence, PLUG_23_AmbiguityIsToldBeforeAnyFactoryRuns) {
  static constexpr DriverDescriptor kRival{.schemes = "rival probe", .create = test::make_probe};
  DriverManager drivers;
  drivers.add(test::kProbe);
  EXPECT_THROW(drivers.add(kRival), DriverLoadFailure);
  EXPECT_THAT(test::given_to_probes(), IsEmpty());
}

}  // namespace
}  // namespace gantry
