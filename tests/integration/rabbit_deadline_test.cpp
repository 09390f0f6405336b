// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>

#include "port.hpp"
#include "rabbit_fixture.hpp"

// No wait outlasts its deadline, whatever stands behind the port, and no attempt is repeated
// unasked.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;
using testing::Not;

const Target kTarget{.topic = "t"};
const Message kMessage{.body = body_of("m")};

class RabbitDeadlineTest : public testing::TestWithParam<Port::Manner> {
 protected:
  const Port port{GetParam()};
  Transport transport = open_rabbit(port.url());
  const Deadline soon = Deadline::after(300ms);
};

TEST_P(RabbitDeadlineTest, TRN_12_BuildingATransportOpensNoConnection) {
  EXPECT_FALSE(port.has_a_visitor());
}

TEST_P(RabbitDeadlineTest, DRV_7_ACallEndsAtItsDeadline) {
  try {
    transport.call(kTarget, kMessage, {{.deadline = soon}, {}});
    FAIL() << "no error";
  } catch (const MessagingTimeout& error) {
    EXPECT_EQ(error.cause(), TimeoutCause::connecting);
  }
  EXPECT_TRUE(soon.expired());
}

TEST_P(RabbitDeadlineTest, DRV_7_ACastAndANotificationEndAtTheirDeadline) {
  EXPECT_THROW(transport.send(kTarget, kMessage, {.deadline = soon}), MessagingTimeout);
  EXPECT_THROW(transport.send_notification(kTarget, kMessage, Envelope::v2,
                                           {.deadline = Deadline::after(1ms)}),
               MessagingTimeout);
}

TEST_P(RabbitDeadlineTest, DRV_7_ListeningEndsAtItsDeadline) {
  EXPECT_THROW(transport.listen({.topic = "t", .server = "s"}, {}, soon), MessagingTimeout);
}

// A busy machine may miss the two tenths of a second, but not each time.
TEST_P(RabbitDeadlineTest, R11_ListeningIsGivenUpSoonAfterItsDeadline) {
  bool in_time = false;
  for (int i = 0; i < 10 && !in_time; ++i) {
    const auto deadline = Deadline::after(100ms);
    EXPECT_THROW(transport.listen({.topic = "t", .server = "s"}, {}, deadline), MessagingTimeout);
    in_time = !Deadline(deadline.at() + 200ms).expired();
  }
  EXPECT_TRUE(in_time);
}

TEST_P(RabbitDeadlineTest, DRV_8_WithoutRetryOneAttemptIsMade) {
  const auto cast = [&] { transport.send(kTarget, kMessage, {.retry = 0}); };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast), HasSubstr("was not sent"));
}

TEST_P(RabbitDeadlineTest, RPLY_19_RetryGovernsTheReplyPathToo) {
  const auto call = [&] { transport.call(kTarget, kMessage, {{.retry = 0}, {}}); };
  const auto text = message_of<MessageDeliveryFailure>(call);
  EXPECT_THAT(text, HasSubstr(port.host()));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

// Between two attempts to connect, which lie further and further apart.
TEST_P(RabbitDeadlineTest, R11_WithoutRetryTheLastAttemptCounts) {
  const auto cast = [&] { transport.send(kTarget, kMessage, {.retry = 0}); };
  const auto call = [&] { transport.call(kTarget, kMessage, {{.retry = 0}, {}}); };
  for (const auto& verb : {std::function<void()>(cast), std::function<void()>(call)}) {
    EXPECT_THAT(message_of<MessageDeliveryFailure>(verb), HasSubstr("was not sent"));
    auto waiting = call_async(transport, kTarget, kMessage, {});  // keeps the connection trying
    EXPECT_THAT(message_of<MessageDeliveryFailure>(verb), HasSubstr("was not sent"));
  }
}

TEST_P(RabbitDeadlineTest, ClosingEndsWhatIsUnderWay) {
  auto call = call_async(transport, kTarget, kMessage, {});
  transport.close();
  EXPECT_THROW(call.get().get(), TransportClosed);
}

INSTANTIATE_TEST_SUITE_P(, RabbitDeadlineTest,
                         testing::Values(Port::Manner::closed, Port::Manner::silent),
                         [](const auto& manner) {
                           return manner.param == Port::Manner::closed ? "ClosedPort"
                                                                       : "SilentPeer";
                         });

// Nobody waits any more, so nothing but the next message makes it connect.
TEST(RabbitRetryTest, R11_WithoutRetryEachMessageGetsItsAttempt) {
  for (const bool is_call : {false, true}) {
    Port port(Port::Manner::closed);
    auto transport = open_rabbit(port.url());
    const auto send = [&] {
      if (is_call) transport.call(kTarget, kMessage, {{.retry = 0}, {}});
      if (!is_call) transport.send(kTarget, kMessage, {.retry = 0});
    };
    EXPECT_THROW(send(), MessageDeliveryFailure);
    port.fall_silent();
    EXPECT_THROW(send(), MessageDeliveryFailure);
    EXPECT_TRUE(port.has_a_visitor());
  }
}

// No further descriptor can be had while it lives; those there are stay.
class NoDescriptors {
 public:
  NoDescriptors() {
    constexpr rlim_t fewer = 4;  // than are open, and as many as a poll watches
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto now = before_;
    now.rlim_cur = fewer;
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(RabbitLimitsTest, R22_WithoutDescriptorsAnAttemptFails) {
  const Port one(Port::Manner::closed);
  const Port two(Port::Manner::closed);
  auto transport = open_rabbit("rabbit://" + one.host() + "," + two.host());
  const auto cast = [&] { transport.send(kTarget, kMessage, {.retry = 0}); };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast), HasSubstr("refused"));
  const NoDescriptors limit;
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast), HasSubstr("Too many open files"));
}

// Each of them waits for the broker as long as the others; by turns they would take 11 s.
TEST(RabbitCloseTest, P2_ManyConnectionsCloseSideBySide) {
  constexpr int fills_five = 5000;
  const Port silent(Port::Manner::silent);
  auto transport = open_rabbit(silent.url());
  std::atomic<int> closed = 0;
  for (int i = 0; i < fills_five; ++i)
    transport.send(kTarget, kMessage, {}, Completion<void>([&](auto) { ++closed; }));
  const auto limit = Deadline::after(8s);
  transport.close();
  EXPECT_FALSE(limit.expired());
  EXPECT_EQ(closed, fills_five);
}

struct RabbitConnectTest : RabbitTest {
  std::string address() const { return url().substr(url().find('@') + 1); }
};

TEST_F(RabbitConnectTest, AHostThatRefusesIsPassedOver) {
  const Port closed(Port::Manner::closed);
  for (int i = 0; i < 4; ++i) {  // the list is shuffled
    auto transport = open_rabbit("rabbit://" + closed.host() + "," + address());
    EXPECT_NO_THROW(transport.send({.topic = topic, .fanout = true}, kMessage, {.retry = 0}));
  }
}

TEST_F(RabbitConnectTest, AHostThatIsSilentIsPassedOver) {
  const Port silent(Port::Manner::silent);
  for (int i = 0; i < 4; ++i) {
    auto transport = open_rabbit("rabbit://" + silent.host() + "," + address());
    EXPECT_NO_THROW(transport.send({.topic = topic, .fanout = true}, kMessage, {.retry = 0}));
  }
}

TEST_F(RabbitConnectTest, EachHostThatWouldNotHaveUsIsNamed) {
  const Port closed(Port::Manner::closed);
  const Port silent(Port::Manner::silent);
  auto transport = open_rabbit("rabbit://" + closed.host() + "," + silent.host());
  const auto cast = [&] { transport.send(kTarget, kMessage, {.retry = 0}); };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast),
              testing::AllOf(HasSubstr(closed.host()), HasSubstr(silent.host())));
}

TEST_F(RabbitConnectTest, ClosingEndsTheWaitForSilentHosts) {
  const Port one(Port::Manner::silent);
  const Port two(Port::Manner::silent);
  auto transport = open_rabbit("rabbit://" + one.host() + "," + two.host());
  auto call = call_async(transport, kTarget, kMessage, {});
  transport.close();
  EXPECT_THROW(call.get().get(), TransportClosed);
}

TEST_F(RabbitConnectTest, AWrongPasswordIsToldAtOnceAndNotRepeated) {
  auto transport = open_rabbit("rabbit://guest:s3cret@" + address());
  const auto check = [](const std::string& text) {
    EXPECT_THAT(text, HasSubstr("ACCESS_REFUSED"));
    EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  };
  check(message_of<AuthenticationFailed>([&] { transport.send(kTarget, kMessage, {}); }));
  check(message_of<AuthenticationFailed>([&] { transport.call(kTarget, kMessage, {}); }));
  check(message_of<AuthenticationFailed>([&] { transport.listen(server_target, {}, never); }));
}

TEST_F(RabbitConnectTest, AnUnknownVirtualHostIsToldAtOnce) {
  auto transport = open_rabbit(url() + "nowhere");
  EXPECT_THAT(message_of<AuthenticationFailed>([&] { transport.send(kTarget, kMessage, {}); }),
              HasSubstr("nowhere"));
}

TEST_F(RabbitConnectTest, NobodyAnswersInTime) {
  auto transport = open();
  {  // connects, which may take its time
    const EchoServer server(transport, server_target);
    transport.call(at_topic, kMessage, {{.deadline = Deadline::after(kPatience)}, {}});
  }
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  try {
    transport.call(at_topic, kMessage, {{.deadline = Deadline::after(3s)}, {}});
    FAIL() << "no error";
  } catch (const MessagingTimeout& error) {
    EXPECT_EQ(error.cause(), TimeoutCause::no_reply);
  }
}

}  // namespace
}  // namespace gantry::test
