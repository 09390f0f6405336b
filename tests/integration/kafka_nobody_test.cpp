// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "port.hpp"

// Brokers that are not there.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Message kEvent = event(1);

bool timed_out(const Outcome<void>& end) {
  try {
    std::rethrow_exception(end.error());
  } catch (const MessagingTimeout&) {
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

class KafkaNobodyTest : public testing::TestWithParam<Port::Manner> {
 protected:
  const Port port{GetParam()};
  Transport transport =
      open_kafka("kafka://" + port.host() + "/?close_timeout=0.1&session_timeout=4");
};

TEST_P(KafkaNobodyTest, DRV_7_ASendEndsAtItsDeadline) {
  const auto deadline = Deadline::after(300ms);
  EXPECT_THROW(transport.send_notification({.topic = "t.info"}, kEvent, Envelope::v2,
                                           {.deadline = deadline}),
               MessagingTimeout);
  EXPECT_TRUE(deadline.expired());
}

TEST_P(KafkaNobodyTest, DRV_7_ACallEndsAtItsDeadline) {
  const auto deadline = Deadline::after(300ms);
  EXPECT_THROW(transport.call({.topic = "t"}, kEvent, {{.deadline = deadline}, {}}),
               MessagingTimeout);
  EXPECT_TRUE(deadline.expired());
}

TEST_P(KafkaNobodyTest, DRV_7_ListeningEndsAtItsDeadline) {
  EXPECT_THROW(transport.listen({.topic = "t", .server = "s"}, {}, Deadline::after(300ms)),
               MessagingTimeout);
  const Subscription infos{{.topic = "t"}, "info"};
  EXPECT_THROW(transport.listen_for_notifications({&infos, 1}, {}, {}, Deadline::after(300ms)),
               MessagingTimeout);
}

// Those whose deadlines have just passed are among them when the next attempt begins.
TEST_P(KafkaNobodyTest, F8_EachOfManySendsIsToldThatItsDeadlinePassed) {
  constexpr int many = 10'000;
  std::atomic<int> ended = 0;
  std::atomic<int> told = 0;
  std::promise<void> all;
  const auto first = Deadline::Clock::now() + 800ms;
  for (int n = 0; n < many; ++n)
    transport.send_notification({.topic = "t.info"}, kEvent, Envelope::v2,
                                {.deadline = Deadline(first + n * 20us)},
                                Completion<void>([&](const Outcome<void>& end) {
                                  told += timed_out(end);
                                  if (++ended == many) all.set_value();
                                }));
  EXPECT_EQ(all.get_future().wait_for(kPatience), std::future_status::ready);
  transport.close();
  EXPECT_EQ(told, many);
}

TEST_P(KafkaNobodyTest, DRV_8_WithoutRetryOneAttemptIsMade) {
  const auto send = [&] {
    transport.send_notification({.topic = "t.info"}, kEvent, Envelope::v2, {.retry = 0});
  };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(send), HasSubstr("was not sent"));
  EXPECT_THAT(message_of<MessageDeliveryFailure>(send), HasSubstr("was not sent"));
}

TEST_P(KafkaNobodyTest, K2_WhatWasNotSentWhenTheTransportClosesIsTold) {
  std::promise<Outcome<void>> ended;
  transport.send_notification(
      {.topic = "t.info"}, kEvent, Envelope::v2, {},
      Completion<void>([&](Outcome<void> end) { ended.set_value(std::move(end)); }));
  transport.close();
  EXPECT_THROW(ended.get_future().get().get(), TransportClosed);
}

INSTANTIATE_TEST_SUITE_P(, KafkaNobodyTest,
                         testing::Values(Port::Manner::closed, Port::Manner::silent),
                         [](const auto& manner) {
                           return manner.param == Port::Manner::closed ? "ClosedPort"
                                                                       : "SilentPeer";
                         });

}  // namespace
}  // namespace gantry::test
