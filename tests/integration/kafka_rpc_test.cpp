// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "inbox.hpp"
#include "kafka_fixture.hpp"
#include "raw_kafka.hpp"

// Requests that somebody else has written, as a server sees them (docs/decisions/0017).
namespace gantry::test {
namespace {

struct KafkaRpcTest : KafkaTest {
  Inbox inbox;
  RawKafka peer{url()};
  Transport transport = open();
  std::unique_ptr<Listener> listener =
      transport.listen({.topic = topic, .server = "a"}, {}, soon());

  static std::string request(std::string_view method, const wire::RequestIds& ids) {
    return wire::encode_request({.body = {{"method", method}, {"args", Object()}}}, ids);
  }
  void write(const std::string& body, const RawKafka::Headers& headers = {}) {
    peer.write("gantry.topic.openstack." + topic, body, 0, headers);
  }
  // The method of the next that is handed out.
  std::string next() { return std::string(inbox.take()->message().body.at("method").as_string()); }
};

TEST_F(KafkaRpcTest, SEC_14_ARequestThatWantsItsReplyElsewhereIsPassedOver) {
  write(request("bad", {.msg_id = "1", .reply_q = "q", .unique_id = wire::new_id()}),
        {{"gantry.reply_to", "orders/0/c"}});
  write(request("good", {.unique_id = wire::new_id()}));
  listener->start(inbox.receiver());
  EXPECT_EQ(next(), "good");
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
}

TEST_F(KafkaRpcTest, DRV_24_ARequestThatIsStoredTwiceRunsOnce) {
  const auto twice = request("twice", {.unique_id = wire::new_id()});
  write(twice);
  write(twice);
  write(request("next", {.unique_id = wire::new_id()}));
  listener->start(inbox.receiver());
  EXPECT_EQ(next(), "twice");
  EXPECT_EQ(next(), "next");
  EXPECT_EQ(transport.ledger().counts().of(Mishap::repeated), 1U);
}

TEST_F(KafkaRpcTest, RPCS_17_ARequestWhoseCallerHasGivenUpIsNotHandedOut) {
  write(request("late", {.unique_id = wire::new_id()}), {{"gantry.ttl", "0"}});
  write(request("odd", {.unique_id = wire::new_id()}), {{"gantry.ttl", "soon"}});
  write(request("good", {.unique_id = wire::new_id()}), {{"gantry.ttl", "3600000"}});
  listener->start(inbox.receiver());
  const auto message = inbox.take();
  EXPECT_EQ(message->message().body.at("method").as_string(), "good");
  EXPECT_FALSE(message->facts().deadline.is_never());
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
}

TEST_F(KafkaRpcTest, WhatARecordIsForStandsInItsHeaders) {
  transport.send({.topic = topic, .server = "a"}, {.body = {{"method", "m"}}},
                 {.deadline = soon()});
  listener->start(inbox.receiver());
  EXPECT_EQ(next(), "m");
  transport.send({.topic = topic}, {.body = {{"method", "first"}}}, {.deadline = soon()});
  transport.send({.topic = topic}, {.body = {{"method", "second"}}}, {.deadline = soon()});
  EXPECT_EQ(next(), "first");
  EXPECT_EQ(next(), "second");
  std::vector<RawKafka::Headers> headers;
  for (const auto& record : peer.read_all("gantry.topic.openstack." + topic))
    headers.push_back(record.headers);
  ASSERT_EQ(headers.size(), 2U);
  std::ranges::sort(headers);
  EXPECT_TRUE(headers[0].empty()) << "the first cast has none before it";
  ASSERT_EQ(headers[1].size(), 1U);
  EXPECT_EQ(headers[1][0].first, "gantry.after");
}

}  // namespace
}  // namespace gantry::test
