// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_to.hpp>

#include "codec.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"
#include "inbox.hpp"
#include "rabbit_fixture.hpp"
#include "raw_amqp.hpp"

// Bodies compressed as kombu compresses them (wire §4), and what is not taken of them (reliability
// §5, line 9).
namespace gantry::test {
namespace {

using rabbit::Codec;
using rabbit::find_codec;

struct CodecTest : testing::TestWithParam<std::string> {
  const Codec& codec = *find_codec(GetParam());
  const std::string body = std::string(100'000, 'x') + R"({"method": "é"})";
};

TEST_P(CodecTest, WIRE_4_WhatIsCompressedIsExpanded) {
  const auto compressed = codec.compress(body);
  EXPECT_LT(compressed.size(), body.size() / 10);
  EXPECT_EQ(codec.expand(compressed, body.size()), body);
  EXPECT_EQ(codec.expand(codec.compress(""), 0), "");
}

TEST_P(CodecTest, SEC_9_NothingGrowsBeyondTheLimit) {
  EXPECT_THROW(codec.expand(codec.compress(body), body.size() - 1), SerializationError);
  const auto bomb = codec.compress(std::string(10U << 20, '\0'));
  EXPECT_THROW(codec.expand(bomb, 100 * bomb.size()), SerializationError);
}

TEST_P(CodecTest, SEC_9_WhatIsCutOrFollowedByMoreOrGarbageIsRefused) {
  const auto compressed = codec.compress(body);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, compressed.size() - 1})
    EXPECT_THROW(codec.expand(compressed.substr(0, size), body.size()), SerializationError) << size;
  EXPECT_THROW(codec.expand(compressed + '!', body.size()), SerializationError);
  EXPECT_THROW(codec.expand(std::string(1000, '!'), body.size()), SerializationError);
}

INSTANTIATE_TEST_SUITE_P(Compression, CodecTest, testing::Values("gzip", "bzip2", "lzma"));

TEST(Compression, WIRE_4_GzipIsAZlibStreamAndNoGzipFile) {
  const auto compressed = find_codec("gzip")->compress("{}");
  EXPECT_EQ(compressed.substr(0, 1), "\x78");
  const std::string_view file(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00",
      22);
  EXPECT_THROW(find_codec("gzip")->expand(file, 100), SerializationError);
}

struct RabbitCompressionTest : RabbitTest {
  Inbox inbox;
  const std::string request = wire::encode_request(
      {.body = body_of("m", {{"text", std::string(5'000, 'x')}})}, {.unique_id = wire::new_id()});

  void expect_goes_on(Transport& transport) {
    transport.send(at_topic, {.body = body_of("next")}, {.deadline = Deadline::after(kPatience)});
    EXPECT_EQ(inbox.take()->message().body.at("method"), "next");
  }
};

TEST_F(RabbitCompressionTest, WIRE_4_CallsRepliesAndNotificationsAreCompressed) {
  auto transport = open("kombu_compression=gzip&accept_compressed=true");
  const EchoServer server(transport, server_target);
  const auto echoed = transport.call(at_topic, {.body = body_of("m", {{"x", "é"}})},
                                     {{.deadline = Deadline::after(kPatience)}, {}});
  EXPECT_EQ(echoed.at("body").at("args").at("x"), "é");

  transport.send_notification({.topic = topic + ".info"}, {.body = {{"event_type", "e"}}},
                              Envelope::v1, {.deadline = Deadline::after(kPatience)});
  RawAmqp peer(url());
  peer.consume(topic + ".info");
  const auto seen = peer.next(kPatience);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->compression, "application/x-gzip");
  EXPECT_EQ(seen->content_type, "application/json");
  const auto body = find_codec("gzip")->expand(seen->body, 1'000);
  EXPECT_EQ(wire::decode_notification(body).message.body.at("event_type"), "e");
}

TEST_F(RabbitCompressionTest, WIRE_4_AMegabyteOfOneLetterIsNoBomb) {
  auto transport = open("kombu_compression=bzip2&accept_compressed=true");
  const EchoServer server(transport, server_target);
  const std::string letters(1U << 20, 'x');
  const auto echoed = transport.call(at_topic, {.body = body_of("m", {{"x", letters}})},
                                     {{.deadline = Deadline::after(kPatience)}, {}});
  EXPECT_EQ(echoed.at("body").at("args").at("x"), Value(letters));
}

TEST_F(RabbitCompressionTest, SEC_9_CompressedBodiesAreRejectedUnlessEnabled) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start(inbox.receiver());
  RawAmqp peer(url());
  const auto& codec = *find_codec("gzip");
  peer.publish("openstack", topic, codec.compress(request), "application/json",
               std::string(codec.type));
  expect_goes_on(transport);
}

TEST_F(RabbitCompressionTest, SEC_9_WhatIsEnabledIsTakenAndBombsAreNot) {
  auto transport = open("accept_compressed=true");
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start(inbox.receiver());
  RawAmqp peer(url());
  for (const auto* name : {"gzip", "bzip2", "lzma"}) {
    const auto& codec = *find_codec(name);
    const std::string type(codec.type);
    const std::string bomb(10U << 20, '\0');
    peer.publish("openstack", topic, codec.compress(bomb), "application/json", type);
    peer.publish("openstack", topic, "no stream", "application/json", type);
    const auto small = wire::encode_request({.body = body_of(name)}, {.unique_id = name});
    peer.publish("openstack", topic, codec.compress(small), "application/json", type);
    EXPECT_EQ(inbox.take()->message().body.at("method"), name);
  }
  peer.publish("openstack", topic, request, "application/json", "application/zstd");
  expect_goes_on(transport);
}

}  // namespace
}  // namespace gantry::test
