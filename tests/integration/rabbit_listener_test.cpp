// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "gantry/log.hpp"
#include "inbox.hpp"
#include "rabbit_fixture.hpp"
#include "raw_amqp.hpp"

namespace gantry::test {
namespace {

using namespace std::chrono_literals;

struct RabbitListenerTest : RabbitTest {
  Inbox inbox;

  void cast(Transport& transport, std::string_view method = "m") {
    transport.send(at_topic, {.body = body_of(method)}, {.deadline = Deadline::after(kPatience)});
  }
};

TEST_F(RabbitListenerTest, ItIsSubscribedBeforeItStarts) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  cast(transport);
  transport.send({.topic = topic, .fanout = true}, {.body = body_of("f")}, {});
  listener->start(inbox.receiver());
  EXPECT_TRUE(inbox.wait_for(2));
}

TEST_F(RabbitListenerTest, WhilePausedItKeepsWhatComes) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([&, receive = inbox.receiver()](Batch batch) {
    listener->pause();
    receive(std::move(batch));
  });
  cast(transport);
  ASSERT_TRUE(inbox.wait_for(1));
  for (int i = 0; i < 5; ++i) cast(transport);
  EXPECT_EQ(inbox.size(), 1U);
  listener->resume();
  EXPECT_TRUE(inbox.wait_for(2));
  listener->stop();  // hands over what was received, also when paused
}

TEST_F(RabbitListenerTest, LSN_4_WhatComesAfterStopIsForTheNextListener) {
  auto transport = open();
  {
    const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
    listener->start(inbox.receiver());
    listener->stop();
    cast(transport);
    EXPECT_EQ(inbox.size(), 0U);
  }
  const auto next = transport.listen(server_target, {}, Deadline::after(kPatience));
  next->start(inbox.receiver());
  EXPECT_TRUE(inbox.wait_for(1));
}

TEST_F(RabbitListenerTest, LSN_6_StopFromWithinOnBatchOnlyAsks) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  std::promise<void> stopped;
  listener->start([&](Batch) {
    listener->stop();
    stopped.set_value();
  });
  cast(transport);
  stopped.get_future().get();
}

TEST_F(RabbitListenerTest, BATCH_AFullBatchGoesAtOnceAndALesserOneAtItsTime) {
  auto transport = open();
  const auto listener =
      transport.listen(server_target, {.size = 3, .timeout = 1s}, Deadline::after(kPatience));
  for (int i = 0; i < 4; ++i) cast(transport);
  listener->start(inbox.receiver());
  ASSERT_TRUE(inbox.wait_for(4));
  EXPECT_EQ(inbox.sizes(), (std::vector<std::size_t>{3, 1}));
}

TEST_F(RabbitListenerTest, DRV_16_SubscriptionsSurviveALostConnection) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  const CallOptions options{{.deadline = Deadline::after(kPatience)}, {}};
  transport.call(at_topic, {.body = body_of("m")}, options);
  rabbitmqctl("close_all_connections test");
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")}, options));
}

// An acknowledgement that is lost with its connection brings the request to any of them.
TEST_F(RabbitListenerTest, DRV_24_ARequestThatComesAgainToAnotherListenerIsDropped) {
  auto transport = open();
  const auto one = transport.listen(server_target, {}, Deadline::after(kPatience));
  const auto two =
      transport.listen({.topic = topic, .server = "s2"}, {}, Deadline::after(kPatience));
  for (const auto& each : {one.get(), two.get()}) each->start(inbox.receiver());
  const auto id = wire::new_id();
  RawAmqp peer(url());
  const auto publish = [&](const std::string& unique_id) {
    peer.publish("openstack", topic,
                 wire::encode_request({.body = body_of("m")}, {.unique_id = unique_id}));
  };
  for (int i = 0; i < 4; ++i) publish(id);  // the broker hands them out in turn
  for (int i = 0; i < 4; ++i) publish(wire::new_id());
  ASSERT_TRUE(inbox.wait_for(5));
  one->stop();
  two->stop();
  EXPECT_EQ(inbox.size(), 5U);
  // A fanout is for each of them.
  EXPECT_EQ(transport.ledger().counts().of(Mishap::repeated), 3U);
}

TEST_F(RabbitListenerTest, LSN_5_APrefetchCountCapsTheBatch) {
  auto transport = open("rabbit_qos_prefetch_count=2");
  const auto listener =
      transport.listen(server_target, {.size = 10, .timeout = 200ms}, Deadline::after(kPatience));
  for (int i = 0; i < 4; ++i) cast(transport);
  listener->start(inbox.receiver());
  ASSERT_TRUE(inbox.wait_for(4));
  for (const auto size : inbox.sizes()) EXPECT_LE(size, 2U);
}

// One to send by, one for the replies, and one a listener: the pool's limit counts the first only.
TEST_F(RabbitListenerTest, POOL_13_POOL_14_EachPurposeHasConnectionsOfItsOwn) {
  const auto connections = [] {
    const char* const program = std::getenv("GANTRY_TEST_RABBITMQCTL");
    const auto file = std::filesystem::temp_directory_path() / wire::new_id();
    const auto command = std::string(program) + " -q list_connections name > " + file.string();
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream lines(file);
    int count = 0;
    for (std::string line; std::getline(lines, line);) count += line.find("->") != line.npos;
    std::filesystem::remove(file);
    return count;
  };
  const auto before = connections();
  auto transport = open("rpc_conn_pool_size=1&conn_pool_min_size=1");
  const EchoServer one(transport, server_target);
  const EchoServer two(transport, {.topic = topic, .server = "s2"});
  transport.call(at_topic, {.body = body_of("m")}, {{.deadline = Deadline::after(kPatience)}, {}});
  EXPECT_EQ(connections() - before, 4);
}

TEST_F(RabbitListenerTest, ADeletedQueueIsDeclaredAgain) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start(inbox.receiver());
  cast(transport);
  ASSERT_TRUE(inbox.wait_for(1));
  RawAmqp(url()).delete_queue(topic);
  const auto give_up = Deadline::after(kPatience);
  for (bool taken = false; !taken && !give_up.expired();) {
    try {
      cast(transport);
      taken = true;
    } catch (const MessageUndeliverable&) {  // not yet
    }
  }
  EXPECT_TRUE(inbox.wait_for(2));
}

TEST_F(RabbitListenerTest, AFanoutExchangeThatWentWithItsLastServerIsMended) {
  auto transport = open();
  const Target everybody{.topic = topic, .fanout = true};
  const SendOptions options{.deadline = Deadline::after(kPatience), .retry = 0};
  {
    const EchoServer server(transport, server_target);
    EXPECT_NO_THROW(transport.send(everybody, {.body = body_of("m")}, options));
  }
  EXPECT_NO_THROW(transport.send(everybody, {.body = body_of("m")}, options));
}

TEST_F(RabbitListenerTest, R15_ATopologyThatClashesIsToldAndHurtsNobodyElse) {
  RawAmqp(url()).declare_exchange("x_" + topic, "topic", true);
  auto transport = open();
  const EchoServer server(transport, server_target);
  const Target clashing{.exchange = "x_" + topic, .topic = topic, .server = "s"};
  for (const auto& verb : std::vector<std::function<void()>>{
           [&] { transport.send(clashing, {.body = body_of("m")}, {}); },
           [&] { transport.listen(clashing, {}, never); }}) {
    try {
      verb();
      ADD_FAILURE() << "no error";
    } catch (const TopologyMismatch& error) {
      EXPECT_EQ(error.entity(), "exchange 'x_" + topic + "'");
      EXPECT_EQ(error.argument(), "durable");
      EXPECT_EQ(error.have(), "true");
      EXPECT_EQ(error.want(), "false");
    }
  }
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")},
                                 {{.deadline = Deadline::after(kPatience)}, {}}));
}

TEST_F(RabbitListenerTest, R15_WhatAUserMayNotDoIsToldWithItsName) {
  const auto user = "u_" + topic;
  rabbitmqctl("add_user " + user + " secret");
  const auto may = [&](const std::string& configure, const std::string& write) {
    rabbitmqctl("set_permissions " + user + " '" + configure + "' '" + write + "' '.*'");
  };
  auto transport = open_rabbit("rabbit://" + user + ":secret@" + url().substr(url().find('@') + 1));
  const auto refused = [&](const std::function<void()>& verb) {
    try {
      verb();
      ADD_FAILURE() << "no error";
    } catch (const AccessRefused& error) {
      EXPECT_EQ(error.entity(), "exchange 'openstack'");
    }
  };
  const auto cast = [&] { transport.send(at_topic, {.body = body_of("m")}, {}); };
  auto entitled = open();
  const EchoServer server(entitled, server_target);  // the exchange exists
  may("^$", ".*");
  refused(cast);
  refused([&] { transport.listen(server_target, {}, never); });
  may(".*", "^$");
  refused(cast);
}

TEST_F(RabbitListenerTest, POOL_ManyUnconfirmedMessagesAreAllAccepted) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  constexpr std::size_t kCasts = 5000;
  std::atomic<std::size_t> accepted = 0;
  std::promise<void> all;
  std::atomic<std::size_t> ended = 0;
  for (std::size_t i = 0; i < kCasts; ++i)
    transport.send(at_topic, {.body = body_of("m")}, {.deadline = Deadline::after(kPatience)},
                   Completion<void>([&](auto outcome) {
                     accepted += outcome.failed() ? 0 : 1;
                     if (++ended == kCasts) all.set_value();
                   }));
  all.get_future().get();
  EXPECT_EQ(accepted, kCasts);
  listener->start(inbox.receiver());
  EXPECT_TRUE(inbox.wait_for(kCasts));
}

TEST_F(RabbitListenerTest, MSG_6_AHeartbeatKeepsAMonitoredCallAlive) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start(inbox.receiver());
  const auto timeline = std::make_shared<Timeline>();
  auto call =
      call_async(transport, at_topic, {.body = body_of("m")},
                 {{.deadline = Deadline::after(kPatience), .timeline = timeline}, kPatience / 2});
  const auto request = inbox.take();
  EXPECT_EQ(request->facts().monitor, kPatience / 2);
  request->heartbeat();
  request->reply(Value(1));
  EXPECT_EQ(call.get().get(), Value(1));
  EXPECT_TRUE(timeline->at(Stage::handling));
}

struct RabbitNotificationTest : RabbitListenerTest {
  const std::vector<Subscription> info{{.target = {.topic = topic}, .priority = "info"}};

  void notify(Transport& transport, std::string_view event) {
    transport.send_notification({.topic = topic + ".info"},
                                {.body = {{"event_type", event}}, .context = {{"user", "u"}}},
                                Envelope::v2, {.deadline = Deadline::after(kPatience)});
  }
  static std::unique_ptr<Listener> listen(Transport& transport,
                                          std::span<const Subscription> subscriptions,
                                          std::string_view pool = {}) {
    return transport.listen_for_notifications(subscriptions, pool, {}, Deadline::after(kPatience));
  }
};

TEST_F(RabbitNotificationTest, DRV_12_ANotificationWaitsForItsFirstListener) {
  auto transport = open();
  notify(transport, "e");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  const auto message = inbox.take();
  EXPECT_EQ(message->message().body.at("event_type"), "e");
  EXPECT_EQ(message->message().context, (Object{{"user", "u"}}));
  message->acknowledge();
}

TEST_F(RabbitNotificationTest, MSG_3_WhatIsRequeuedComesAgainAndWhatIsAcknowledgedDoesNot) {
  auto transport = open();
  notify(transport, "e");
  {
    const auto listener = listen(transport, info);
    listener->start(inbox.receiver());
    inbox.take()->requeue();
    const auto again = inbox.take();
    EXPECT_TRUE(again->facts().redelivered);
    again->acknowledge();
  }
  notify(transport, "last");
  const auto next = listen(transport, info);
  next->start(inbox.receiver());
  EXPECT_EQ(inbox.take()->message().body.at("event_type"), "last");
}

TEST_F(RabbitNotificationTest, MSG_3_WhatIsStillHandledIsNotAcknowledgedWithWhatCameAfterIt) {
  auto transport = open();
  for (const auto* const event : {"first", "held", "last"}) notify(transport, event);
  std::unique_ptr<IncomingMessage> held;
  {
    const auto listener = listen(transport, info);
    listener->start(inbox.receiver());
    const auto first = inbox.take();
    held = inbox.take();
    inbox.take()->acknowledge();
    first->acknowledge();
  }
  notify(transport, "new");
  const auto next = listen(transport, info);
  next->start(inbox.receiver());
  for (const auto* const event : {"held", "new"}) {
    const auto message = inbox.take();
    EXPECT_EQ(message->message().body.at("event_type"), event);
    message->acknowledge();
  }
}

TEST_F(RabbitNotificationTest, MSG_9_AnUnsettledNotificationIsRequeued) {
  auto transport = open();
  notify(transport, "e");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  inbox.take().reset();
  const auto again = inbox.take();
  EXPECT_EQ(again->message().body.at("event_type"), "e");
  again->acknowledge();
}

// With a prefetch count of two, one that were never acknowledged would take half of what is sent.
TEST_F(RabbitNotificationTest, DRV_24_WhatComesTwiceWhileItIsHandledIsAcknowledgedTwice) {
  auto transport = open("rabbit_qos_prefetch_count=2");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  const auto twice =
      wire::encode_notification({.body = {{"event_type", "twice"}}}, wire::new_id(), Envelope::v2);
  RawAmqp peer(url());
  peer.publish("openstack", topic + ".info", twice);
  peer.publish("openstack", topic + ".info", twice);
  const auto handled = inbox.take();
  notify(transport, "first");  // comes once the duplicate is settled
  const auto first = inbox.take();
  handled->acknowledge();
  notify(transport, "second");
  EXPECT_EQ(inbox.take()->message().body.at("event_type"), "second");
}

TEST_F(RabbitNotificationTest, MSG_8_WhatIsSettledAfterStopReachesTheBroker) {
  auto transport = open();
  notify(transport, "e");
  {
    const auto listener = listen(transport, info);
    listener->start(inbox.receiver());
    const auto message = inbox.take();
    listener->stop();
    message->acknowledge();
  }
  notify(transport, "last");
  const auto next = listen(transport, info);
  next->start(inbox.receiver());
  EXPECT_EQ(inbox.take()->message().body.at("event_type"), "last");
}

TEST_F(RabbitNotificationTest, DRV_15_EachPoolGetsItsOwnCopy) {
  auto transport = open();
  Inbox pooled;
  const auto listener = listen(transport, info);
  const auto pool = listen(transport, info, "pool_" + topic);
  listener->start(inbox.receiver());
  pool->start(pooled.receiver());
  notify(transport, "e");
  inbox.take()->acknowledge();
  pooled.take()->acknowledge();
}

TEST_F(RabbitNotificationTest, AQueueDeletedUnderTheNotifierLosesNothing) {
  auto transport = open();
  notify(transport, "first");
  RawAmqp(url()).delete_queue(topic + ".info");
  notify(transport, "second");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  EXPECT_EQ(inbox.take()->message().body.at("event_type"), "second");
}

TEST_F(RabbitNotificationTest, WhatIsBeingHandledWhenTheConnectionGoesIsHandledOnce) {
  auto transport = open();
  notify(transport, "e");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  const auto message = inbox.take();
  rabbitmqctl("close_all_connections test");
  notify(transport, "last");
  EXPECT_EQ(inbox.take()->message().body.at("event_type"), "last");
  message->acknowledge();
  EXPECT_EQ(inbox.size(), 0U);
}

// The broker's limit cannot be seen from here, so the option says it.
TEST_F(RabbitNotificationTest, R14_ASlowHandlerIsWarnedOfAtHalfOfTheConsumerTimeout) {
  std::promise<void> warned;
  set_log_sink([&](LogLevel, std::string_view text) {
    if (text.find("half of the broker's consumer_timeout") != text.npos) warned.set_value();
  });
  auto transport = open("consumer_timeout=0.2");
  notify(transport, "e");
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  const auto message = inbox.take();
  EXPECT_EQ(warned.get_future().wait_for(kPatience), std::future_status::ready);
  set_log_sink({});
  message->acknowledge();
}

TEST_F(RabbitNotificationTest, O18_WhatCannotBeReadIsCounted) {
  auto transport = open();
  const auto listener = listen(transport, info);
  listener->start(inbox.receiver());
  RawAmqp(url()).publish("openstack", topic + ".info", "no json");
  notify(transport, "e");
  inbox.take()->acknowledge();
  EXPECT_EQ(transport.ledger().counts().of(Mishap::unreadable), 1U);
}

}  // namespace
}  // namespace gantry::test
