// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <tuple>

#include "inbox.hpp"
#include "kafka_secure_fixture.hpp"
#include "log_capture.hpp"

// Who is let in by the broker's user database, and what becomes of the password.
namespace gantry::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Values;

struct KafkaLoginTest : KafkaSecureTest,
                        testing::WithParamInterface<std::tuple<const char*, const char*>> {
  Transport open_as(std::string_view user) const {
    const std::string protocol = std::get<0>(GetParam());
    const auto host = at("localhost", protocol == "SASL_SSL" ? "LOGIN" : "CLEAR");
    return open_at(std::string(user) + host, login(protocol, std::get<1>(GetParam())));
  }
};

INSTANTIATE_TEST_SUITE_P(Each, KafkaLoginTest,
                         testing::Combine(Values("SASL_PLAINTEXT", "SASL_SSL"),
                                          Values("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")),
                         [](const auto& each) {
                           auto name =
                               std::string(std::get<0>(each.param)) + "_" + std::get<1>(each.param);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(KafkaLoginTest, SEC_4_TheRightPasswordIsTaken) {
  auto transport = open_as(kUser);
  Inbox inbox;
  const auto listener = listen(transport, group);
  listener->start(inbox.receiver());
  notify(transport, 7);
  EXPECT_EQ(number_of(inbox.take()->message()), 7);

  const auto server = transport.listen({.topic = topic, .server = "a"}, {}, soon());
  server->start([](Batch batch) {
    for (const auto& request : batch) request->reply(Value("pong"));
  });
  const Message ping{.body = {{"method", "ping"}, {"args", Object()}}};
  EXPECT_EQ(transport.call({.topic = topic}, ping, {{.deadline = soon()}}), Value("pong"));
  server->stop();
  listener->stop();
}

TEST_P(KafkaLoginTest, SEC_4_AWrongPasswordIsToldToEachOperation) {
  auto transport = open_as(kIntruder);
  const Message ping{.body = {{"method", "ping"}, {"args", Object()}}};
  EXPECT_THROW(notify(transport, 1), AuthenticationFailed);
  EXPECT_THROW(notify(transport, 2), AuthenticationFailed) << "the second time as well";
  EXPECT_THROW(transport.call({.topic = topic}, ping, {{.deadline = soon()}}),
               AuthenticationFailed);
  EXPECT_THROW(transport.listen({.topic = topic, .server = "a"}, {}, soon()), AuthenticationFailed);
  EXPECT_THROW(listen(transport), AuthenticationFailed);
}

struct KafkaPasswordTest : KafkaSecureTest {
  static Transport open_as(std::string_view user, const std::string& more = {}) {
    return open_at(std::string(user) + at("localhost", "CLEAR"),
                   login("SASL_PLAINTEXT", "PLAIN") + more);
  }
};

// A client that went on would have tried about six times by the end.
TEST_F(KafkaPasswordTest, SEC_4_AWrongPasswordIsNotTriedAgainAndAgain) {
  const auto before = refusals_at("CLEAR");
  auto transport = open_as(kIntruder);
  EXPECT_THROW(notify(transport, 1), AuthenticationFailed);
  std::this_thread::sleep_for(std::chrono::seconds(4));  // nothing is to happen
  const auto tried = refusals_at("CLEAR") - before;
  EXPECT_GE(tried, 1U);
  EXPECT_LE(tried, 4U) << "within the 0.8 s of one attempt";
}

TEST_F(KafkaPasswordTest, SEC_4_WhoWasRefusedMayTryAgain) {
  auto transport = open_as(kIntruder);
  EXPECT_THROW(notify(transport, 1), AuthenticationFailed);
  const auto before = refusals_at("CLEAR");
  EXPECT_THROW(notify(transport, 2), AuthenticationFailed);
  EXPECT_GT(refusals_at("CLEAR"), before) << "the broker was asked";
}

TEST_F(KafkaPasswordTest, SEC_5_NoPasswordInLogsAndErrors) {
  LogCapture log;
  std::string told;
  const std::string all = "&rdkafka=debug:all";
  for (const auto user : {kUser, kIntruder})
    told += message_of<MessagingException>([&] {
      auto transport = open_as(user, all);
      notify(transport, 1);
      listen(transport, group);
    });
  for (const auto* const mechanism : {"PLAIN", "SCRAM-SHA-256"})
    told += message_of<MessagingException>([&] {
      auto transport = open_at(std::string(kIntruder) + at("localhost", "LOGIN"),
                               login("SASL_SSL", mechanism) + all);
      notify(transport, 1);
    });
  EXPECT_THAT(told, HasSubstr("check user, password"));
  EXPECT_THAT(log.all(), HasSubstr("SASL"));
  EXPECT_THAT(told + log.all(), Not(HasSubstr(kCanary)));
}

}  // namespace
}  // namespace gantry::test
