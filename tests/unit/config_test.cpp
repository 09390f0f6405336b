// SPDX-License-Identifier: Apache-2.0
#include "gantry/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "captured_log.hpp"
#include "environment.hpp"
#include "gantry/error.hpp"
#include "temporary_directory.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& problem : parse_config(text, "bus.yaml").problems) {
    lines.push_back(problem.str());
  }
  return lines;
}

Config config(std::string_view text, const std::filesystem::path& file = "bus.yaml") {
  const auto report = parse_config(text, file);
  for (const auto& problem : report.problems) ADD_FAILURE() << problem.str();
  return report.config;
}

// A transport with an option `text`, whose text is given back.
std::string option(const std::string& text) {
  const auto read = config("transports: {t: {url: 'fake:', options: {x: " + text + "}}}");
  const auto& options = read.transport("t").options;
  EXPECT_THAT(options, SizeIs(1));
  return options.empty() ? "" : options[0].text;
}

TEST(Config, CFG_13_ATransportHasAUrlAnExchangeOptionsAndATimeout) {
  const auto read = config(R"(
transports:
  rpc:
    url: rabbit://mq1:5672,mq2:5672/prod
    exchange: nova
    rpc_response_timeout: 90s
    options: {heartbeat_rate: 3, ssl: yes}
  plain:
    url: fake:///
)");
  const auto& rpc = read.transport("rpc");
  EXPECT_EQ(rpc.url, "rabbit://mq1:5672,mq2:5672/prod");
  EXPECT_EQ(rpc.where, "bus.yaml:4:10");
  EXPECT_EQ(rpc.exchange, "nova");
  EXPECT_EQ(rpc.rpc_response_timeout, 90s);
  ASSERT_THAT(rpc.options, SizeIs(2));
  EXPECT_EQ(rpc.options[0].name, "heartbeat_rate");
  EXPECT_EQ(rpc.options[0].text, "3");
  EXPECT_EQ(rpc.options[0].where, "bus.yaml:7:15");
  EXPECT_EQ(rpc.options[1].text, "yes");

  const auto& plain = read.transport("plain");
  EXPECT_EQ(plain.exchange, "openstack");
  EXPECT_EQ(plain.rpc_response_timeout, 60s);
  EXPECT_THAT(plain.options, IsEmpty());
}

TEST(Config, CFG_13_ListsAndMapsBecomeTheTextOfAQuery) {
  EXPECT_EQ(option("[a, 'b c', 3]"), "a,b c,3");
  EXPECT_EQ(option("{k: v, l: 1:2}"), "k:v,l:1:2");
  EXPECT_EQ(option("[]"), "");
  EXPECT_EQ(option("007"), "007");
  EXPECT_EQ(option("''"), "");
  EXPECT_THAT(problems("transports: {t: {url: 'fake:', options: {x: ['a,b'], y: {'k:': v}}}}"),
              ElementsAre("bus.yaml:1:46: transports.t.options.x[0]: holds a comma, which would "
                          "split it",
                          "bus.yaml:1:58: transports.t.options.y.k:: a key must not hold a colon"));
}

TEST(Config, CFG_12_TRN_5_NotificationsNameATransport) {
  const auto read = config(R"(
notifications: {transport: events, topics: [a, b], publisher_id: calc.1, driver: [messagingv2],
                retry: 3, on_doubt: resend}
transports: {events: {url: "kafka://k1:9092/"}}
)");
  ASSERT_TRUE(read.notifications);
  EXPECT_EQ(read.notifications->transport, "events");
  EXPECT_THAT(read.notifications->topics, ElementsAre("a", "b"));
  EXPECT_EQ(read.notifications->publisher_id, "calc.1");
  EXPECT_THAT(read.notifications->driver, ElementsAre("messagingv2"));
  EXPECT_EQ(read.notifications->retry, 3);
  EXPECT_EQ(notifier_options(*read.notifications).on_doubt, OnDoubt::resend);
}

TEST(Config, CFG_12_NotificationsHaveDefaults) {
  const auto read = config("{transports: {t: {url: 'fake:'}}, notifications: {transport: t}}");
  ASSERT_TRUE(read.notifications);
  EXPECT_THAT(read.notifications->topics, ElementsAre("notifications"));
  EXPECT_THAT(read.notifications->driver, IsEmpty());
  EXPECT_EQ(read.notifications->retry, -1);
  EXPECT_EQ(read.notifications->on_doubt, OnDoubt::fail);
  EXPECT_FALSE(config("transports: {}").notifications);
}

TEST(Config, PluginPathIsRelativeToTheFile) {
  const auto read = config("plugin_path: [drivers, ../other, /opt/gantry]", "/etc/app/bus.yaml");
  EXPECT_THAT(read.plugin_path, ElementsAre("/etc/app/drivers", "/etc/other", "/opt/gantry"));
  const auto here = config("plugin_path: [drivers]", "bus.yaml");
  EXPECT_THAT(here.plugin_path, ElementsAre(std::filesystem::current_path() / "drivers"));
}

TEST(Config, AnUnknownTransportIsAskedForWithTheNearestName) {
  const auto read = config("transports: {events: {url: 'fake:'}}");
  try {
    read.transport("evnets");
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_STREQ(error.what(), "no transport is named 'evnets'; did you mean 'events'?");
  }
}

TEST(Config, CFG_14_UnknownKeysAreProblemsWithTheNearestKnownOne) {
  EXPECT_THAT(problems("transprots: {}"),
              ElementsAre("bus.yaml:1:1: transprots: unknown key; did you mean 'transports'?"));
  EXPECT_THAT(problems("transports:\n  rpc:\n    url: 'fake:'\n    kind: rpc\n"),
              ElementsAre("bus.yaml:4:5: transports.rpc.kind: unknown key; known here: url, "
                          "exchange, options, rpc_response_timeout, executor_thread_pool_size, "
                          "rpc_ping_enabled"));
}

TEST(Config, CFG_14_DuplicateKeysAreProblemsOnEveryLevel) {
  EXPECT_THAT(problems("transports: {}\ntransports: {}"),
              ElementsAre("bus.yaml:2:1: transports: duplicate key; it stands in line 1 already"));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:'}, 'a': {url: 'fake:'}}"),
              ElementsAre(HasSubstr("bus.yaml:1:33: transports.a: duplicate key")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', url: 'fake:'}}"),
              ElementsAre(HasSubstr("transports.a.url: duplicate key")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', options: {x: 1, x: 2}}}"),
              ElementsAre(HasSubstr("transports.a.options.x: duplicate key")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', options: {x: {k: 1, k: 2}}}}"),
              ElementsAre(HasSubstr("transports.a.options.x.k: duplicate key")));
}

TEST(Config, CFG_14_WrongTypesAreProblems) {
  EXPECT_THAT(problems("[a]"), ElementsAre("bus.yaml:1:1: has to be a map"));
  EXPECT_THAT(problems("transports: [a]"),
              ElementsAre("bus.yaml:1:13: transports: has to be a map"));
  EXPECT_THAT(problems("transports: {a: 'fake:'}"),
              ElementsAre("bus.yaml:1:17: transports.a: has to be a map"));
  EXPECT_THAT(problems("transports: {a: {url: [x]}}"),
              ElementsAre("bus.yaml:1:23: transports.a.url: has to be text"));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', exchange: {}}}"),
              ElementsAre(HasSubstr("transports.a.exchange: has to be text")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', options: [x]}}"),
              ElementsAre(HasSubstr("transports.a.options: has to be a map")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', options: {x: [[y]]}}}"),
              ElementsAre(HasSubstr("transports.a.options.x[0]: has to be text")));
  EXPECT_THAT(problems("plugin_path: drivers"),
              ElementsAre("bus.yaml:1:14: plugin_path: has to be a list, [a, b]"));
}

TEST(Config, CFG_14_AKeyWithoutAValueIsAProblem) {
  EXPECT_THAT(problems("transports:\n"), ElementsAre(HasSubstr("transports: has no value")));
  EXPECT_THAT(problems("transports: {a: {url: }}"),
              ElementsAre(HasSubstr("transports.a.url: has no value")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', exchange: ''}}"),
              ElementsAre(HasSubstr("transports.a.exchange: is empty")));
  EXPECT_THAT(problems("transports:\n  a:\n    url:\n\n  b: {url: 'fake:'}"),
              ElementsAre("bus.yaml:3:5: transports.a.url: has no value"));
  EXPECT_THAT(problems("transports: {a: {exchange: x}}"),
              ElementsAre("bus.yaml:1:17: transports.a: needs a url"));
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("has no value")));
}

TEST(Config, URL_4_AUrlThatIsNoneIsAProblem) {
  EXPECT_THAT(problems("transports: {a: {url: 5}}"),
              ElementsAre(HasSubstr("bus.yaml:1:23: transports.a.url: invalid transport URL: No "
                                    "scheme specified")));
}

TEST(Config, CFG_14_OutOfRangeIsAProblem) {
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', rpc_response_timeout: 0}}"),
              ElementsAre(HasSubstr("'0' is less than 0.001")));
  EXPECT_THAT(problems("transports: {a: {url: 'fake:', rpc_response_timeout: soon}}"),
              ElementsAre(HasSubstr("'soon' is not a duration")));
  EXPECT_THAT(problems("{transports: {t: {url: 'fake:'}},\n"
                       " notifications: {transport: t, retry: -2, driver: [mesaging]}}"),
              ElementsAre(HasSubstr("notifications.retry: option 'retry': '-2' is less than -1"),
                          HasSubstr("notifications.driver[0]: option 'driver': 'mesaging' is not "
                                    "one of messaging, messagingv2")));
}

TEST(Config, CFG_14_NotificationsOfAnUnknownTransportAreAProblem) {
  EXPECT_THAT(problems("notifications: {transport: event}\ntransports: {events: {url: 'fake:'}}"),
              ElementsAre("bus.yaml:1:28: notifications.transport: no transport is named 'event'; "
                          "did you mean 'events'?"));
  EXPECT_THAT(problems("notifications: {}"),
              ElementsAre("bus.yaml:1:16: notifications: needs a transport"));
}

TEST(Config, CFG_14_EveryProblemIsToldInTheOrderOfTheFile) {
  EXPECT_THAT(problems(R"(notifications: {transport: nowhere}
plugin_path: 5
transports:
  rpc: {ulr: "fake:"}
  two: {url: "fake://h:x", exchange: "${GANTRY_TEST_UNSET}"}
)"),
              ElementsAre(HasSubstr("bus.yaml:1:28: "), HasSubstr("bus.yaml:2:14: "),
                          HasSubstr("bus.yaml:4:8: transports.rpc: needs a url"),
                          HasSubstr("bus.yaml:4:9: transports.rpc.ulr"),
                          HasSubstr("bus.yaml:5:14: "), HasSubstr("bus.yaml:5:38: ")));
}

TEST(Config, VariablesOfTheEnvironmentAreInserted) {
  const test::Variable host("GANTRY_TEST_HOST", "mq1");
  const test::Variable empty("GANTRY_TEST_EMPTY", "");
  const auto read = config(R"(
transports: {t: {url: "rabbit://u:${GANTRY_TEST_HOST}@${GANTRY_TEST_HOST}:5672/",
                 options: {x: "${GANTRY_TEST_EMPTY}", y: [a, "b${GANTRY_TEST_HOST}"]}}}
)");
  const auto& transport = read.transport("t");
  EXPECT_EQ(transport.url, "rabbit://u:mq1@mq1:5672/");
  EXPECT_EQ(transport.options[0].text, "");
  EXPECT_EQ(transport.options[1].text, "a,bmq1");
  EXPECT_TRUE(transport.options[1].secret);
}

TEST(Config, WhatIsInsertedIsNotLookedAtAgain) {
  const test::Variable money("GANTRY_TEST_MONEY", "$");
  const test::Variable nested("GANTRY_TEST_NESTED", "${GANTRY_TEST_UNSET}");
  EXPECT_EQ(option("'${GANTRY_TEST_NESTED}'"), "${GANTRY_TEST_UNSET}");
  EXPECT_EQ(option("'${GANTRY_TEST_MONEY}${GANTRY_TEST_MONEY}'"), "$$");
}

TEST(Config, ADollarIsItselfAndTwoEscapeABrace) {
  EXPECT_EQ(option("'5$ $HOME $$ $'"), "5$ $HOME $$ $");
  EXPECT_EQ(option("'$${HOME}'"), "${HOME}");
}

TEST(Config, AnUnsetVariableIsAProblem) {
  EXPECT_THAT(problems("transports: {t: {url: 'fake:', exchange: '${GANTRY_TEST_UNSET}'}}"),
              ElementsAre("bus.yaml:1:42: transports.t.exchange: the environment variable "
                          "GANTRY_TEST_UNSET is not set"));
  EXPECT_THAT(problems("transports: {t: {url: 'fake://${GANTRY_TEST_A}:${GANTRY_TEST_B}@h'}}"),
              SizeIs(2));
}

TEST(Config, AMalformedReferenceIsAProblem) {
  for (const std::string text : {"${}", "${1A}", "${A:-b}", "${A B}"}) {
    EXPECT_THAT(problems("transports: {t: {url: 'fake:', exchange: '" + text + "'}}"),
                ElementsAre(HasSubstr("is neither ${NAME} nor ${file:PATH}")))
        << text;
  }
  EXPECT_THAT(problems("transports: {t: {url: 'fake:', exchange: 'a${HOME'}}"),
              ElementsAre(HasSubstr("without its '}'")));
}

TEST(Config, SecretsComeFromFiles) {
  const test::TemporaryDirectory directory;
  const auto secret = directory.write("secret", "S3cr\n");
  directory.write("windows", "S3cr\n\r\n");
  const auto read = config("transports: {t: {url: 'rabbit://u:${file:" + secret.string() +
                               "}@h/', options: {x: '${file:windows}'}}}",
                           directory.path() / "bus.yaml");
  EXPECT_EQ(read.transport("t").url, "rabbit://u:S3cr@h/");
  EXPECT_EQ(read.transport("t").options[0].text, "S3cr\n");  // only the last line end goes
  EXPECT_TRUE(read.transport("t").options[0].secret);
}

TEST(Config, ASecretFileThatCannotBeReadIsAProblem) {
  const test::TemporaryDirectory directory;
  const auto url_with = [&](const std::string& file) {
    const auto report = parse_config("transports: {t: {url: 'rabbit://u:${file:" + file + "}@h/'}}",
                                     directory.path() / "bus.yaml");
    return report.problems.empty() ? "" : report.problems[0].str();
  };
  EXPECT_THAT(url_with("missing"), HasSubstr("missing cannot be read: No such file"));
  EXPECT_THAT(url_with(directory.path().string()), HasSubstr("cannot be read: Is a directory"));
  directory.write("fits", std::string(64 * 1024, 'x'));
  EXPECT_THAT(url_with("fits"), HasSubstr("longer than 8192"));  // read, and too long for a URL
  directory.write("large", std::string(64 * 1024 + 1, 'x'));
  EXPECT_THAT(url_with("large"), HasSubstr("is larger than 65536 bytes"));
}

TEST(Config, URL_31_NoProblemHoldsASecret) {
  const test::TemporaryDirectory directory;
  directory.write("secret", "S3cr/et\n");
  const test::CapturedLog log;
  const test::Variable variable("GANTRY_TEST_SECRET", "S3cr");
  const auto report = parse_config(R"(
transports:
  a: {url: "rabbit://u:${file:secret}@h/"}
  b: {url: "${GANTRY_TEST_SECRET}"}
  c: {url: "rabbit://u:S3cr@h:x/"}
  d: {url: "fake:", rpc_response_timeout: "${GANTRY_TEST_SECRET}"}
notifications: {transport: "${GANTRY_TEST_SECRET}", driver: ["${GANTRY_TEST_SECRET}"],
                retry: "${file:secret}"}
)",
                                   directory.path() / "bus.yaml");
  EXPECT_THAT(report.problems, SizeIs(7));
  for (const auto& problem : report.problems) {
    EXPECT_THAT(problem.str(), Not(HasSubstr("S3cr"))) << problem.path;
  }
  EXPECT_THAT(log.lines(), Not(Contains(HasSubstr("S3cr"))));
}

TEST(Config, SEC_5_APasswordThatEveryoneMayReadIsWarnedOf) {
  using std::filesystem::perms;
  const test::TemporaryDirectory directory;
  const test::Variable variable("GANTRY_TEST_SECRET", "S3cr");
  const auto warnings = [&](const char* url, perms mode) {
    const auto file =
        directory.write("bus.yaml", "transports: {t: {url: '" + std::string(url) + "'}}");
    std::filesystem::permissions(file, mode);
    const test::CapturedLog log;
    check_config(file);
    return log.lines();
  };
  const auto mine = perms::owner_read | perms::owner_write;
  EXPECT_THAT(warnings("rabbit://u:S3cr@h/", mine | perms::others_read),
              ElementsAre(AllOf(HasSubstr("chmod o-r"), Not(HasSubstr("S3cr")))));
  EXPECT_THAT(warnings("rabbit://u:S3cr@h/", mine), IsEmpty());
  EXPECT_THAT(warnings("rabbit://u:${GANTRY_TEST_SECRET}@h/", mine | perms::others_read),
              IsEmpty());
  EXPECT_THAT(warnings("rabbit://u@h/", mine | perms::others_read), IsEmpty());
}

TEST(Config, LoadingThrowsTheFirstProblemAndCountsTheRest) {
  const test::TemporaryDirectory directory;
  const auto file = directory.write("bus.yaml", "transports: []\nplugin_path: {}\n");
  try {
    load_config(file);
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), StartsWith(file.string() + ":1:13: transports: has to be a map"));
    EXPECT_THAT(error.what(), HasSubstr("(and 1 more; `gantry check " + file.string()));
  }
}

TEST(Config, AFileThatCannotBeReadIsAProblemOfTheFile) {
  const test::TemporaryDirectory directory;
  const auto missing = directory.path() / "missing.yaml";
  const auto report = check_config(missing);
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].str(),
            missing.string() + ": cannot be read: No such file or directory");
  EXPECT_THROW(load_config(directory.path()), ConfigurationError);
}

}  // namespace
}  // namespace gantry
