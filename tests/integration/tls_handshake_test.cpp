// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <iterator>

#include "port.hpp"
#include "tls_fixture.hpp"

// Versions, our own certificate, and peers that do not shake hands.
namespace gantry::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

using RabbitHandshakeTest = RabbitTlsTest;

TEST_F(RabbitHandshakeTest, AVersionBelow1_2IsRefused) {
  EXPECT_THAT(refusal(at("localhost", "TLS1_1")), HasSubstr("in the TLS handshake"));
}

TEST_F(RabbitHandshakeTest, AVersionIsTakenExactly) {
  EXPECT_EQ(refusal(at("localhost", "TLS1_2")), kTaken);
  EXPECT_EQ(refusal(at("localhost", "TLS1_2"), trusting() + "&ssl_version=tlsv1_2"), kTaken);
  EXPECT_EQ(refusal(at("localhost", "BROKER"), trusting() + "&ssl_version=TLSv1_3"), kTaken);
  EXPECT_THAT(refusal(at("localhost", "TLS1_2"), trusting() + "&ssl_version=TLSv1_3"),
              HasSubstr("in the TLS handshake"));
}

TEST_F(RabbitHandshakeTest, OurCertificateOpensTheDoor) {
  for (const auto* port : {"DEMANDING1_2", "DEMANDING1_3"})
    EXPECT_EQ(refusal(at("localhost", port), with_client("client")), kTaken) << port;
}

TEST_F(RabbitHandshakeTest, WithoutOurCertificateOrWithAWrongOneTheDoorStaysShut) {
  for (const auto* port : {"DEMANDING1_2", "DEMANDING1_3"}) {
    EXPECT_THAT(refusal(at("localhost", port)), HasSubstr("alert")) << port;
    EXPECT_THAT(refusal(at("localhost", port), with_client("strange_client")), HasSubstr("alert"))
        << port;
  }
}

TEST_F(RabbitHandshakeTest, AKeyThatNeedsAPassphraseIsRefusedWithoutAskingForIt) {
  const auto locked =
      trusting() + "&ssl_cert_file=" + file("client.pem") + "&ssl_key_file=" + file("locked.key");
  EXPECT_THAT(message_of<ConfigurationError>([&] { open_tls("localhost", locked); }),
              AllOf(HasSubstr("locked.key"), HasSubstr("passphrase")));
}

TEST_F(RabbitHandshakeTest, AKeyOfAnotherCertificateIsRefused) {
  const auto mixed = trusting() + "&ssl_cert_file=" + file("client.pem") +
                     "&ssl_key_file=" + file("strange_client.key");
  EXPECT_THAT(message_of<ConfigurationError>([&] { open_tls("localhost", mixed); }),
              AllOf(HasSubstr("strange_client.key"), HasSubstr("mismatch")));
}

TEST_F(RabbitHandshakeTest, EXTERNAL_OurCertificateIsTheLogin) {
  const auto external = with_client("client") + "&rabbit_login_method=EXTERNAL";
  EXPECT_EQ(refusal("nobody:nothing@" + at("localhost", "BROKER"), external), kTaken);
  EXPECT_THAT(refusal("nobody:nothing@" + at("localhost", "BROKER"), with_client("client")),
              HasSubstr("ACCESS_REFUSED"));
}

TEST_F(RabbitHandshakeTest, EXTERNAL_ABrokerThatDoesNotOfferItRefuses) {
  // Behind the relay the broker sees no certificate.
  const auto external = with_client("client") + "&rabbit_login_method=EXTERNAL";
  EXPECT_THAT(refusal(at("localhost", "DEMANDING1_3"), external),
              AnyOf(HasSubstr("rabbit_login_method"), HasSubstr("ACCESS_REFUSED")));
}

TEST_F(RabbitHandshakeTest, ASilentPeerEndsAnAttemptWithItsLimit) {
  const Port silent(Port::Manner::silent);
  EXPECT_THAT(refusal<MessageDeliveryFailure>(silent.host()),
              AllOf(HasSubstr(silent.host()), HasSubstr("in the TLS handshake")));
}

TEST_F(RabbitHandshakeTest, ClosingEndsTheWaitForASilentPeer) {
  const Port silent(Port::Manner::silent);
  auto transport = open_tls(silent.host());
  auto call = call_async(transport, at_topic, {.body = body_of("m")}, {});
  transport.close();
  EXPECT_THROW(call.get().get(), TransportClosed);
}

TEST_F(RabbitHandshakeTest, ASilentHostIsPassedOver) {
  const Port silent(Port::Manner::silent);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(refusal<MessagingException>(silent.host() + "," + at("localhost", "BROKER")), kTaken);
}

std::ptrdiff_t descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_F(RabbitHandshakeTest, P3_NoDescriptorIsLeftBehind) {
  const auto attempts = [this] {
    EXPECT_EQ(refusal(at("localhost", "BROKER")), kTaken);
    EXPECT_NE(refusal(at("localhost", "EXPIRED")), kTaken);
    EXPECT_NE(refusal(at("localhost", "DEMANDING1_3")), kTaken);
  };
  attempts();
  const auto before = descriptors();
  for (int i = 0; i < 5; ++i) attempts();
  EXPECT_EQ(descriptors(), before);
}

TEST_F(RabbitHandshakeTest, APeerThatSpeaksNoTlsIsNamedAsSuch) {
  const auto plain = url().substr(url().find('@') + 1);
  EXPECT_THAT(refusal<MessageDeliveryFailure>(plain.substr(0, plain.find('/'))),
              HasSubstr("does not speak TLS"));
}

TEST_F(RabbitHandshakeTest, AHostThatIsDownIsNamedAsOverTcp) {
  const Port closed(Port::Manner::closed);
  EXPECT_THAT(refusal<MessageDeliveryFailure>(closed.host()), HasSubstr("Connection refused"));
}

}  // namespace
}  // namespace gantry::test
