// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/wire.hpp"

#include <gmock/gmock.h>

#include <boost/json/value_to.hpp>
#include <vector>

#include "gantry/rpc/server.hpp"
#include "log_capture.hpp"
#include "rabbit_fixture.hpp"
#include "raw_amqp.hpp"

// What we publish, as a peer sees it (wire §4), and what peers that do as they like can do to us.
namespace gantry::test {
namespace {

struct RabbitWireTest : RabbitTest {
  // A queue that takes what is sent to the topic.
  void take_topic(RawAmqp& peer) {
    peer.declare_exchange("openstack", "topic", false);
    peer.declare_queue(topic);
    peer.bind(topic, "openstack", topic);
    peer.consume(topic);
  }
};

TEST_F(RabbitWireTest, ARequestHasThePropertiesOfOslo) {
  RawAmqp peer(url());
  take_topic(peer);
  auto transport = open();
  transport.send(at_topic, {.body = body_of("m")}, {.deadline = Deadline::after(kPatience)});
  const auto cast = peer.next(kPatience);
  ASSERT_TRUE(cast);
  EXPECT_EQ(cast->content_type, "application/json");
  EXPECT_EQ(cast->delivery_mode, 2);
  EXPECT_EQ(cast->priority, 0);
  EXPECT_EQ(cast->headers, 0U);
  EXPECT_EQ(cast->expiration, "") << "a cast does not expire (DRV-25)";
  const auto request = wire::decode_request(cast->body);
  EXPECT_FALSE(request.ids.is_call());
  EXPECT_EQ(cast->message_id, request.ids.unique_id) << "returns are recognised by it";
}

TEST_F(RabbitWireTest, DRV_25_ACallExpiresAtItsDeadline) {
  RawAmqp peer(url());
  take_topic(peer);
  auto transport = open();
  const auto call = call_async(transport, at_topic, {.body = body_of("m")},
                               {{.deadline = Deadline::after(kPatience)}, {}});
  const auto request = peer.next(kPatience);
  ASSERT_TRUE(request);
  const auto left = std::stoll(request->expiration);
  EXPECT_GT(left, 0);
  EXPECT_LE(left, std::chrono::milliseconds(kPatience).count());
  EXPECT_TRUE(wire::decode_request(request->body).ids.is_call());
}

TEST_F(RabbitWireTest, WithoutCastMandatoryACastToNobodyIsLostAsInOslo) {
  auto transport = open("cast_mandatory=false");
  EXPECT_NO_THROW(
      transport.send(at_topic, {.body = body_of("m")}, {.deadline = Deadline::after(kPatience)}));
  EXPECT_THROW(transport.send(at_topic, {.body = body_of("m")},
                              {.deadline = Deadline::after(kPatience), .at_least_once = true}),
               MessageUndeliverable);
}

TEST_F(RabbitWireTest, WhatCannotBeReadIsRejectedAndTheServerGoesOn) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  RawAmqp peer(url());
  for (const auto* body : {"no json", "[1]", R"({"oslo.version": "3.0", "oslo.message": "{}"})",
                           R"({"oslo.version": "2.0", "oslo.message": 1})", "\xff\xfe"})
    peer.publish("openstack", topic, body);
  peer.publish("openstack", topic, R"({"method": "m"})", "application/x-python-serialize");
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")},
                                 {{.deadline = Deadline::after(kPatience)}, {}}));
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 6U);
}

TEST_F(RabbitWireTest, SEC_14_ARequestCannotNameAnyQueueForItsReply) {
  auto transport = open();
  std::promise<std::string> method;
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([&](Batch batch) {
    method.set_value(value_to<std::string>(batch.front()->message().body.at("method")));
  });
  RawAmqp peer(url());
  peer.publish("openstack", topic,
               wire::encode_request({.body = body_of("forged")},
                                    {.msg_id = wire::new_id(), .reply_q = "admin"}));
  peer.publish("openstack", topic, wire::encode_request({.body = body_of("last")}, {}));
  EXPECT_EQ(method.get_future().get(), "last");
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
}

TEST_F(RabbitWireTest, ALongerBodyThanAllowedIsRejected) {
  auto transport = open("max_message_bytes=2048");
  const EchoServer server(transport, server_target);
  RawAmqp peer(url());
  peer.publish("openstack", topic, std::string(300'000, ' '));
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")},
                                 {{.deadline = Deadline::after(kPatience)}, {}}));
}

// What AMQP cannot carry would cost the connection, with all that is under way on it.
TEST_F(RabbitWireTest, SEC_8_WhatCannotBeSentIsRefusedBeforehand) {
  auto transport = open("max_message_bytes=2048");
  const std::string name(300, 'n');
  const auto refused = [&](const Target& target, Message message) {
    EXPECT_THROW(transport.send(target, message, {}), InvalidArgument);
    EXPECT_THROW(transport.send_notification(target, message, Envelope::v2, {}), InvalidArgument);
    EXPECT_THROW(transport.call(target, std::move(message), {}), InvalidArgument);
  };
  refused({.topic = name}, {.body = body_of("m")});
  refused({.exchange = name, .topic = topic}, {.body = body_of("m")});
  refused({.topic = "a\nb"}, {.body = body_of("m")});
  refused(at_topic, {.body = body_of("m"), .headers = {{name, "v"}}});
  refused(at_topic, {.body = body_of("m"), .headers = {{"h", std::string(70'000, 'v')}}});
  refused(at_topic, {.body = body_of("m", {{"x", std::string(3000, 'x')}})});
  const std::string half(150, 'h');
  EXPECT_THROW(transport.send({.topic = half, .server = half}, {.body = body_of("m")}, {}),
               InvalidArgument);
  EXPECT_THROW(transport.listen({.topic = half, .server = half}, {}, never), InvalidArgument);
}

TEST_F(RabbitWireTest, SEC_8_AReplyThatIsTooLongIsAFailure) {
  auto serving = open("max_message_bytes=2048");
  const auto listener = serving.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([](Batch batch) { batch.front()->reply(Value(std::string(3000, 'x'))); });
  auto transport = open();
  EXPECT_THROW(transport.call(at_topic, {.body = body_of("m")},
                              {{.deadline = Deadline::after(kPatience)}, {}}),
               RemoteError);
}

// The broker closes the channel for it, and would again.
TEST_F(RabbitWireTest, SEC_8_WhatIsTooLongForTheBrokerIsRejectedAndHurtsNoOther) {
  const auto most = [](const std::string& bytes) {
    rabbitmqctl("eval 'ok = application:set_env(rabbit, max_message_size, " + bytes + ").'");
  };
  most("2048");
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  const Message too_long{.body = body_of("m", {{"x", std::string(3000, 'x')}})};
  const SendOptions options{.deadline = Deadline::after(kPatience), .on_doubt = OnDoubt::resend};
  constexpr int casts = 20;
  std::vector<std::future<Outcome<void>>> ended;
  for (int i = 0; i < casts; ++i) {
    auto told = std::make_shared<std::promise<Outcome<void>>>();
    ended.push_back(told->get_future());
    transport.send(at_topic, i % 5 == 2 ? too_long : Message{.body = body_of("m")}, options,
                   Completion<void>([told](auto outcome) { told->set_value(std::move(outcome)); }));
  }
  for (int i = 0; i < casts; ++i) {
    const auto outcome = [&] { ended[i].get().get(); };
    if (i % 5 == 2) {
      EXPECT_THAT(message_of<MessageDeliveryFailure>(outcome),
                  testing::HasSubstr("max_message_size"));
    } else {
      EXPECT_NO_THROW(outcome());
    }
  }
  most("134217728");
}

TEST_F(RabbitWireTest, DRV_24_ARequestThatComesTwiceRunsOnce) {
  auto transport = open();
  std::promise<void> second;
  std::vector<std::string> seen;
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([&](Batch batch) {
    const auto method = value_to<std::string>(batch.front()->message().body.at("method"));
    seen.push_back(method);
    if (method == "last") second.set_value();
  });
  RawAmqp peer(url());
  const auto twice = wire::encode_request({.body = body_of("m")}, {.unique_id = wire::new_id()});
  peer.publish("openstack", topic, twice);
  peer.publish("openstack", topic, twice);
  peer.publish("openstack", topic,
               wire::encode_request({.body = body_of("last")}, {.unique_id = wire::new_id()}));
  second.get_future().get();
  EXPECT_EQ(seen, (std::vector<std::string>{"m", "last"}));
  EXPECT_EQ(transport.ledger().counts().of(Mishap::repeated), 1U);
}

TEST_F(RabbitWireTest, RPCS_14_AReplyWaitsForItsQueueAndHoldsNobodyUp) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  RawAmqp peer(url());
  const wire::RequestIds ids{
      .msg_id = wire::new_id(), .reply_q = "reply_" + topic, .unique_id = wire::new_id()};
  peer.publish("openstack", topic, wire::encode_request({.body = body_of("m")}, ids));
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")},
                                 {{.deadline = Deadline::after(kPatience)}, {}}));
  peer.declare_queue(ids.reply_q);
  peer.consume(ids.reply_q);
  const auto reply = peer.next(kPatience);
  ASSERT_TRUE(reply);
  EXPECT_EQ(wire::decode_reply(reply->body).msg_id, ids.msg_id);
}

TEST_F(RabbitWireTest, SEC_16_AnIdIsEscapedInTheLog) {
  LogCapture logs;
  auto transport = open();
  std::promise<void> run;
  {
    Endpoint endpoint;
    endpoint.method("m", {}, [&] { run.set_value(); });
    RpcServer server(transport, server_target, {endpoint});
    server.start(Deadline::after(kPatience));
    const wire::RequestIds ids{
        .msg_id = "one\nand two", .reply_q = "reply_" + topic, .unique_id = wire::new_id()};
    RawAmqp(url()).publish("openstack", topic, wire::encode_request({.body = body_of("m")}, ids));
    EXPECT_EQ(run.get_future().wait_for(kPatience), std::future_status::ready);
  }
  EXPECT_THAT(logs.all(), testing::AllOf(testing::HasSubstr("one\\x0aand two ended"),
                                         testing::Not(testing::HasSubstr("one\nand two"))));
}

TEST_F(RabbitWireTest, RPLY_16_ABadReplyHurtsNoOther) {
  auto transport = open();
  RawAmqp peer(url());
  take_topic(peer);
  auto call = call_async(transport, at_topic, {.body = body_of("m")},
                         {{.deadline = Deadline::after(kPatience)}, {}});
  const auto request = peer.next(kPatience);
  ASSERT_TRUE(request);
  const auto ids = wire::decode_request(request->body).ids;
  peer.publish("", ids.reply_q, "no json");
  peer.publish("", ids.reply_q, wire::encode_reply(Value(1), "unknown", wire::new_id()));
  peer.publish("", ids.reply_q, wire::encode_heartbeat(ids.msg_id, wire::new_id()));
  peer.publish("", ids.reply_q, wire::encode_reply(Value(7), ids.msg_id, wire::new_id()));
  EXPECT_EQ(call.get().get(), Value(7));
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
  EXPECT_EQ(transport.ledger().counts().of(Mishap::late_reply), 1U);
}

TEST_F(RabbitWireTest, ACleanCloseDeletesTheFanoutQueueAlone) {
  RawAmqp peer(url());
  {
    auto transport = open();
    const EchoServer server(transport, server_target);
    EXPECT_TRUE(peer.has_queue(topic));
    EXPECT_NO_THROW(transport.send({.topic = topic, .fanout = true}, {.body = body_of("m")},
                                   {.deadline = Deadline::after(kPatience)}));
  }
  EXPECT_TRUE(peer.has_queue(topic));
  EXPECT_TRUE(peer.has_queue(topic + ".s1"));
  // The fanout exchange deletes itself with its last queue, so it can be another one now.
  EXPECT_NO_THROW(peer.declare_exchange(topic + "_fanout", "topic", true));
}

}  // namespace
}  // namespace gantry::test
