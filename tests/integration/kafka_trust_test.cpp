// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "kafka_secure_fixture.hpp"

// Which broker is taken for what it says it is, and which client by the broker.
namespace gantry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using KafkaTrustTest = KafkaSecureTest;

TEST_F(KafkaTrustTest, R20_ACertificateOfTheHostIsTaken) {
  EXPECT_EQ(refusal(open_tls(at("localhost", "BROKER"))), kTaken);
  EXPECT_EQ(refusal(open_kafka("kafka+tls://" + at("localhost", "BROKER") + "/?" + trusting())),
            kTaken);
}

TEST_F(KafkaTrustTest, R20_AnAddressInTheCertificateIsTaken) {
  EXPECT_EQ(refusal(open_tls(at("127.0.0.1", "ADDRESS"))), kTaken);
}

TEST_F(KafkaTrustTest, SEC_1_ACertificateOfAnotherHostIsRefused) {
  for (const auto& hosts : {at("localhost", "WRONG"), at("127.0.0.1", "BROKER")})
    EXPECT_THAT(refusal(open_tls(hosts)),
                AllOf(HasSubstr("certificate verify failed"), HasSubstr("names its host")))
        << hosts;
}

TEST_F(KafkaTrustTest, SEC_1_AnAuthorityThatIsNotOursIsRefused) {
  EXPECT_THAT(refusal(open_tls(at("localhost", "STRANGER"))),
              AllOf(HasSubstr("certificate verify failed"), HasSubstr("ssl_cafile")));
}

TEST_F(KafkaTrustTest, SEC_1_WithoutACaFileTheSystemsAuthoritiesDecide) {
  EXPECT_THAT(refusal(open_tls(at("localhost", "BROKER"), "")),
              AllOf(HasSubstr("certificate verify failed"), HasSubstr("ssl_cafile")));
}

TEST_F(KafkaTrustTest, R20_AnExpiredCertificateIsRefused) {
  EXPECT_THAT(refusal(open_tls(at("localhost", "EXPIRED"))),
              HasSubstr("certificate verify failed"));
}

TEST_F(KafkaTrustTest, ABrokerThatWantsACertificateGetsOne) {
  const auto host = at("localhost", "DEMANDING");
  EXPECT_EQ(refusal(open_tls(host, with_client("client", "client"))), kTaken);
  EXPECT_EQ(refusal(open_tls(host, with_client("client", "locked") + "&ssl_client_key_password=x")),
            kTaken);
}

TEST_F(KafkaTrustTest, ABrokerThatDoesNotTrustTheClientSaysSo) {
  const auto host = at("localhost", "DEMANDING");
  EXPECT_THAT(refusal(open_tls(host)), HasSubstr("ssl_client_cert_file"));
  EXPECT_THAT(refusal(open_tls(host, with_client("strange_client", "strange_client"))),
              HasSubstr("ssl_client_cert_file"));
}

TEST_F(KafkaTrustTest, SEC_5_TheKeysPassphraseIsNotShown) {
  const auto text = message_of<ConfigurationError>([&] {
    open_tls(at("localhost", "DEMANDING"),
             with_client("client", "locked") + "&ssl_client_key_password=c4n4ry");
  });
  EXPECT_THAT(text, AllOf(HasSubstr("ssl.key.location"), testing::Not(HasSubstr(kCanary))));
}

TEST_F(KafkaTrustTest, AHostThatIsNotTrustedIsPassedOver) {
  for (int i = 0; i < 4; ++i)  // the list is shuffled
    EXPECT_EQ(refusal(open_tls(at("localhost", "WRONG") + "," + at("localhost", "BROKER"))),
              kTaken);
}

TEST_F(KafkaTrustTest, WhereNoHostIsTrustedNothingIsTriedAgain) {
  EXPECT_THAT(refusal(open_tls(at("localhost", "EXPIRED") + "," + at("localhost", "WRONG"))),
              HasSubstr("certificate verify failed"));
}

TEST_F(KafkaTrustTest, ARefusalIsToldToEachOperation) {
  auto transport = open_tls(at("localhost", "WRONG"));
  const Message request{.body = {{"method", "m"}, {"args", Object()}}};
  EXPECT_THROW(notify(transport, 1), AuthenticationFailed);
  EXPECT_THROW(transport.send({.topic = topic}, request, {.deadline = soon()}),
               AuthenticationFailed);
  EXPECT_THROW(transport.call({.topic = topic}, request, {{.deadline = soon()}}),
               AuthenticationFailed);
  EXPECT_THROW(transport.listen({.topic = topic, .server = "a"}, {}, soon()), AuthenticationFailed);
  EXPECT_THROW(listen(transport), AuthenticationFailed);
}

}  // namespace
}  // namespace gantry::test
