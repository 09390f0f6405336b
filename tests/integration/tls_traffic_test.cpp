// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tls_fixture.hpp"

// Messages over TLS: whole, in order, and on after the connection was lost.
namespace gantry::test {
namespace {

constexpr std::size_t kMebi = std::size_t{1} << 20;

struct RabbitTlsTrafficTest : RabbitTlsTest {
  Transport transport = open_or_none();

  static Transport open_or_none() {
    if (std::getenv("GANTRY_TEST_TLS_FILES") == nullptr) return open_rabbit("rabbit://");
    return open_tls("guest:guest@" + at("localhost", "BROKER"));
  }
};

TEST_F(RabbitTlsTrafficTest, ALargeCallAndItsReplyArriveWhole) {
  EchoServer server(transport, server_target);
  for (const auto size : {kMebi, 5 * kMebi + 1}) {
    const auto body = body_of("m", {{"text", std::string(size, 'x')}});
    const auto reply =
        transport.call(at_topic, {.body = body}, {{.deadline = Deadline::after(kPatience)}, {}});
    EXPECT_EQ(reply.as_object().at("body"), Value(body)) << size;
  }
}

TEST_F(RabbitTlsTrafficTest, LargeNotificationsArriveWholeAndInOrder) {
  constexpr std::int64_t kCount = 20;
  const std::vector<Subscription> subscriptions{{.target = at_topic, .priority = "info"}};
  const auto listener =
      transport.listen_for_notifications(subscriptions, "", {}, Deadline::after(kPatience));
  std::promise<void> all;
  std::vector<std::int64_t> numbers;
  std::atomic<bool> whole = true;
  listener->start([&](Batch batch) {
    for (auto& message : batch) {
      const auto& body = message->message().body;
      numbers.push_back(body.at("number").as_int64());
      if (body.at("text").as_string().size() != kMebi) whole = false;
      message->acknowledge();
      if (numbers.size() == kCount) all.set_value();
    }
  });
  const Target to{.topic = topic + ".info"};
  for (std::int64_t i = 0; i < kCount; ++i)
    transport.send_notification(to,
                                {.body = Object{{"number", i}, {"text", std::string(kMebi, 'x')}}},
                                Envelope::v2, {.deadline = Deadline::after(kPatience)});
  ASSERT_EQ(all.get_future().wait_for(kPatience), std::future_status::ready);
  listener->stop();
  EXPECT_TRUE(whole);
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
}

TEST_F(RabbitTlsTrafficTest, ManyCallsAtATimeAreAllAnswered) {
  EchoServer server(transport, server_target);
  std::vector<std::future<Outcome<Value>>> calls;
  for (std::int64_t i = 0; i < 500; ++i)
    calls.push_back(call_async(transport, at_topic, {.body = body_of("m", {{"n", i}})},
                               {{.deadline = Deadline::after(kPatience)}, {}}));
  for (std::int64_t i = 0; i < 500; ++i) {
    const auto reply = calls[static_cast<std::size_t>(i)].get().get();
    EXPECT_EQ(reply.as_object().at("body").at("args").at("n"), Value(i));
  }
}

TEST_F(RabbitTlsTrafficTest, DRV_16_ALostConnectionIsMadeAgain) {
  EchoServer server(transport, server_target);
  const Message message{.body = body_of("m")};
  const auto call = [&] {
    return transport.call(at_topic, message, {{.deadline = Deadline::after(kPatience)}, {}});
  };
  EXPECT_NO_THROW(call());
  const std::string ctl = std::getenv("GANTRY_TEST_RABBITMQCTL");
  EXPECT_EQ(std::system((ctl + " -q close_all_connections test").c_str()), 0);
  EXPECT_NO_THROW(call());
}

}  // namespace
}  // namespace gantry::test
