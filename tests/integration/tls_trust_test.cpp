// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "log_capture.hpp"
#include "tls_fixture.hpp"

// Who is taken for the broker, and who is not.
namespace gantry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using RabbitTrustTest = RabbitTlsTest;

TEST_F(RabbitTrustTest, R20_ACertificateOfTheHostIsTaken) {
  EXPECT_EQ(refusal(at("localhost", "BROKER")), kTaken);
  EXPECT_EQ(message_of<MessagingException>([&] {
              open_rabbit("rabbit://" + at("localhost", "BROKER") + "/?ssl=true&" + trusting())
                  .send({.topic = topic, .fanout = true}, {.body = body_of("m")}, {.retry = 0});
            }),
            kTaken);
}

TEST_F(RabbitTrustTest, R20_AnAuthorityThatIsNotOursIsRefused) {
  EXPECT_THAT(refusal(at("localhost", "STRANGER")),
              AllOf(HasSubstr(at("localhost", "STRANGER")), HasSubstr("unable to get local issuer"),
                    HasSubstr("ssl_ca_file")));
}

TEST_F(RabbitTrustTest, R20_WithoutACaFileTheSystemsAuthoritiesDecide) {
  EXPECT_THAT(refusal(at("localhost", "BROKER"), ""),
              AllOf(HasSubstr("certificate is refused"), HasSubstr("ssl_ca_file")));
}

TEST_F(RabbitTrustTest, R20_ACertificateOfAnotherHostIsRefused) {
  EXPECT_THAT(refusal(at("localhost", "WRONG")),
              AllOf(HasSubstr("hostname mismatch"), HasSubstr("does not name localhost")));
}

TEST_F(RabbitTrustTest, R20_AnExpiredCertificateIsRefused) {
  EXPECT_THAT(refusal(at("localhost", "EXPIRED")), HasSubstr("certificate has expired"));
}

TEST_F(RabbitTrustTest, R20_AnAddressInTheCertificateIsTaken) {
  EXPECT_EQ(refusal(at("127.0.0.1", "ADDRESS")), kTaken);
}

TEST_F(RabbitTrustTest, R20_AnAddressThatIsNotInTheCertificateIsRefused) {
  EXPECT_THAT(refusal(at("127.0.0.1", "BROKER")),
              AllOf(HasSubstr("IP address mismatch"), HasSubstr("does not name 127.0.0.1")));
}

TEST_F(RabbitTrustTest, TheNameIsToldToTheServer) {
  EXPECT_EQ(refusal(at("localhost", "NAMED")), kTaken);
}

TEST_F(RabbitTrustTest, WithoutTheCheckOfTheNameTheChainIsStillVerified) {
  const auto query = trusting() + "&ssl_enforce_hostname_verification=false";
  EXPECT_EQ(refusal(at("localhost", "WRONG"), query), kTaken);
  EXPECT_EQ(refusal(at("127.0.0.1", "BROKER"), query), kTaken);
  EXPECT_THAT(refusal(at("localhost", "STRANGER"), query), HasSubstr("certificate is refused"));
}

TEST_F(RabbitTrustTest, WithoutAnyCheckEachConnectionWarns) {
  LogCapture log;
  EXPECT_EQ(refusal(at("localhost", "STRANGER"), "insecure_skip_verify=true"), kTaken);
  EXPECT_EQ(log.warnings("insecure_skip_verify"), 1U) << log.all();
  EXPECT_EQ(refusal(at("localhost", "EXPIRED"), "insecure_skip_verify=true"), kTaken);
  EXPECT_EQ(log.warnings("insecure_skip_verify"), 2U) << log.all();
}

TEST_F(RabbitTrustTest, EachHostIsCheckedAgainstItsOwnName) {
  LogCapture log;
  const auto passed_over = [&] {
    return log.warnings("passed over: " + at("127.0.0.1", "BROKER"));
  };
  constexpr int kShuffles = 40;  // of the list; the first of them comes first in half of them
  for (int i = 0; i < kShuffles && passed_over() == 0; ++i)
    EXPECT_EQ(refusal(at("127.0.0.1", "BROKER") + "," + at("localhost", "BROKER")), kTaken);
  EXPECT_GE(passed_over(), 1U) << log.all();
}

TEST_F(RabbitTrustTest, AHostThatIsNotTrustedIsPassedOver) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(refusal(at("localhost", "EXPIRED") + "," + at("localhost", "BROKER")), kTaken);
}

TEST_F(RabbitTrustTest, WhereNoHostIsTrustedNothingIsTriedAgain) {
  const auto hosts = at("localhost", "EXPIRED") + "," + at("localhost", "WRONG");
  const auto text = message_of<AuthenticationFailed>([&] {
    open_tls(hosts).send({.topic = topic}, {.body = body_of("m")}, {});  // for ever, if it may
  });
  EXPECT_THAT(text, AllOf(HasSubstr("expired"), HasSubstr("mismatch")));
}

TEST_F(RabbitTrustTest, ARefusalIsToldAtOnceToEachOperation) {
  auto transport = open_tls(at("localhost", "EXPIRED"));
  const Message message{.body = body_of("m")};
  EXPECT_THROW(transport.send(at_topic, message, {}), AuthenticationFailed);
  EXPECT_THROW(transport.call(at_topic, message, {}), AuthenticationFailed);
  EXPECT_THROW(transport.send_notification(at_topic, message, Envelope::v2, {}),
               AuthenticationFailed);
  EXPECT_THROW(transport.listen(server_target, {}, never), AuthenticationFailed);
}

TEST_F(RabbitTrustTest, SEC_5_NoPasswordInLogsAndErrors) {
  LogCapture log;
  std::string told;
  const auto user = "guest:" + std::string(kCanary) + "@";
  for (const auto* port : {"BROKER", "EXPIRED", "WRONG", "STRANGER", "TLS1_1", "DEMANDING1_3"}) {
    const auto text = refusal<MessagingException>(user + at("localhost", port));
    EXPECT_NE(text, kTaken) << port;
    told += text;
  }
  EXPECT_THAT(told + log.all(), AllOf(HasSubstr("ACCESS_REFUSED"), Not(HasSubstr(kCanary))));
}

}  // namespace
}  // namespace gantry::test
