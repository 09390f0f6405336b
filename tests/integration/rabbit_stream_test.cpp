// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_to.hpp>
#include <numeric>

#include "inbox.hpp"
#include "rabbit_fixture.hpp"
#include "raw_amqp.hpp"

// Fanouts by a stream that all servers of a topic read (wire §3.2).
namespace gantry::test {
namespace {

constexpr const char* kStreams =
    "rabbit_stream_fanout=true&rabbit_transient_quorum_queue=true&rabbit_qos_prefetch_count=10";

struct RabbitStreamTest : RabbitTest {
  Transport transport = RabbitTest::url().empty() ? Transport(nullptr, {}) : open(kStreams);
  Inbox inbox;

  std::unique_ptr<Listener> listen(const std::string& server = "s1") {
    return transport.listen({.topic = topic, .server = server}, {}, Deadline::after(kPatience));
  }
  void fanout(int number) {
    transport.send({.topic = topic, .fanout = true}, {.body = body_of("m", {{"n", number}})},
                   {.deadline = Deadline::after(kPatience)});
  }
  static int number_of(const IncomingMessage& message) {
    return value_to<int>(message.message().body.at("args").at("n"));
  }
  static std::vector<int> numbers(Inbox& inbox, int count) {
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(number_of(*inbox.take()));
    return numbers;
  }
};

TEST_F(RabbitStreamTest, WIRE_3_EveryServerGetsEveryFanoutOnce) {
  Inbox other_inbox;
  const auto server = listen();
  const auto other = listen("s2");
  server->start(inbox.receiver());
  other->start(other_inbox.receiver());
  for (int i = 0; i < 30; ++i) fanout(i);  // more than are sent ahead
  std::vector<int> all(30);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(numbers(inbox, 30), all);
  EXPECT_EQ(numbers(other_inbox, 30), all);
}

TEST_F(RabbitStreamTest, WIRE_3_ItIsSubscribedBeforeItStarts) {
  const auto server = listen();
  for (int i = 0; i < 20; ++i) fanout(i);
  server->start(inbox.receiver());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(number_of(*inbox.take()), i);
}

TEST_F(RabbitStreamTest, WIRE_3_ALostConnectionReadsOnWhereItStopped) {
  const auto server = listen();
  server->start(inbox.receiver());
  for (int i = 0; i < 3; ++i) fanout(i);
  EXPECT_EQ(numbers(inbox, 3), (std::vector<int>{0, 1, 2}));
  rabbitmqctl("close_all_connections test");
  for (int i = 3; i < 6; ++i) fanout(i);
  EXPECT_EQ(numbers(inbox, 3), (std::vector<int>{3, 4, 5}));
  EXPECT_EQ(inbox.size(), 0U);
}

TEST_F(RabbitStreamTest, WIRE_3_ACloseLeavesTheStreamAndTheNextServerGetsTheLatestAgain) {
  {
    const auto server = listen();
    server->start(inbox.receiver());
    fanout(1);
    EXPECT_EQ(number_of(*inbox.take()), 1);
  }
  EXPECT_TRUE(RawAmqp(url()).has_queue(topic + "_fanout"));
  const auto next = listen();
  next->start(inbox.receiver());
  EXPECT_EQ(number_of(*inbox.take()), 1);
}

TEST_F(RabbitStreamTest, WIRE_3_ADeletedStreamIsMadeAgainAndReadFromItsBeginning) {
  const auto server = listen();
  server->start(inbox.receiver());
  for (int i = 0; i < 3; ++i) fanout(i);
  numbers(inbox, 3);
  RawAmqp(url()).delete_queue(topic + "_fanout");
  const auto give_up = Deadline::after(kPatience);
  // What is sent before the stream is bound again is for nobody.
  for (int i = 7; inbox.size() == 0 && !give_up.expired(); ++i) fanout(i);
  EXPECT_GE(number_of(*inbox.take()), 7);
}

TEST_F(RabbitStreamTest, WIRE_3_RequestsAndRepliesFlowBesideTheStream) {
  const EchoServer server(transport, server_target);
  for (int i = 0; i < 30; ++i) fanout(i);
  EXPECT_NO_THROW(transport.call(at_topic, {.body = body_of("m")},
                                 {{.deadline = Deadline::after(kPatience)}, {}}));
}

}  // namespace
}  // namespace gantry::test
