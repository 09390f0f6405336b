// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "captured_log.hpp"
#include "fake_transport.hpp"
#include "gantry/failure.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

TEST(TransportLedger, EverySendEndsInOneState) {
  RecordingDriver::Record record;
  Transport transport = record_transport(record);
  const RpcClient client(transport, {.topic = "t"});
  const auto call_that_ends_with = [&](auto error) {
    record.answer = [error](Completion<Value> done) { done.fail(error); };
    client.call_async("m").then([](const Outcome<Value>&) {});
  };
  client.call("m");
  client.cast("m");
  call_that_ends_with(RemoteError({}));
  call_that_ends_with(MessagingTimeout("late"));
  call_that_ends_with(MessageUndeliverable("", "x", "k"));
  call_that_ends_with(MessageInDoubt("", "id"));
  call_that_ends_with(MessageDeliveryFailure("nack"));
  call_that_ends_with(TransportDriverError("access refused"));
  call_that_ends_with(TransportClosed("closed"));
  call_that_ends_with(SerializationError("NaN"));
  Completion<Value> kept;
  record.answer = [&](Completion<Value> done) { kept = std::move(done); };
  const auto pending = client.call_async("m");
  EXPECT_EQ(transport.ledger().counts().str(),
            "sent 11: 1 confirmed, 1 answered, 1 failed, 1 returned, 2 rejected, 1 in doubt, "
            "1 expired, 1 closed, 1 refused, 1 under way; received 0");
  kept.succeed(nullptr);
  EXPECT_EQ(transport.ledger().counts().sends_under_way(), 0U);
}

TEST(TransportLedger, MishapsAreInNeitherBalance) {
  Ledger ledger;
  ledger.count(Mishap::unreadable);
  ledger.count(Mishap::late_reply);
  ledger.count(Mishap::late_reply);
  EXPECT_EQ(ledger.counts().str(), "sent 0; received 0; mishaps 3: 1 unreadable, 2 late replies");
  EXPECT_EQ(ledger.counts().receipts_under_way(), 0U);
}

TEST(TransportLedger, ItBalancesUnderContention) {
  Transport transport = fake_transport("fake://ledger");
  Endpoint endpoint("1.0");
  endpoint.method("run", {}, [] {});
  RpcServer server(transport, {.topic = "t", .server = "s"}, {endpoint});
  server.start();
  const RpcClient client(transport, {.topic = "t"});
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < 8; ++t) {
      callers.emplace_back([&] {
        for (int i = 0; i < 50; ++i) client.call("run");
        for (int i = 0; i < 50; ++i) client.cast("run");
      });
    }
  }
  server.stop();
  server.wait();
  const auto counts = transport.ledger().counts();
  EXPECT_EQ(counts.of(Sending::answered), 400U);
  EXPECT_EQ(counts.of(Sending::confirmed), 400U);
  EXPECT_EQ(counts.sends_under_way(), 0U);
  EXPECT_EQ(counts.received, counts.of(Receipt::answered) + counts.of(Receipt::handled));
}

// What the child finds, as its exit status.
int found_by_a_child(const std::function<int()>& look) {
  const auto child = fork();
  if (child == 0) _exit(look());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ForkedTransport, TRN_14_AnInheritedTransportIsRefusedAndTheParentsGoesOn) {
  RecordingDriver::Record record;
  std::optional<Transport> transport;
  transport.emplace(std::make_unique<RecordingDriver>(record),
                    Transport::Settings{.url = TransportUrl::parse("recording://h/")});
  const RpcClient client(*transport, {.topic = "t"});
  EXPECT_EQ(found_by_a_child([&] {
              try {
                client.cast("m");
                return 1;
              } catch (const ForkedTransport&) {
              }
              transport.reset();
              return 42;
            }),
            42);
  client.cast("m");
}

TEST(ForkedTransport, TRN_14_ATransportOpenedInTheChildWorks) {
  EXPECT_EQ(found_by_a_child([] {
              RecordingDriver::Record record;
              Transport own = record_transport(record);
              RpcClient(own, {.topic = "t"}).cast("m");
              return record.sent.size() == 1 ? 42 : 1;
            }),
            42);
}

TEST(TransportLedger, SEC_18_OfEachMishapTenAMinuteAreLogged) {
  ManualClock clock;
  const test::CapturedLog log;
  Ledger ledger;
  for (int i = 0; i < 12; ++i) ledger.warn(Mishap::unreadable, "rubbish");
  ledger.warn(Mishap::lost_reply, "nobody there");
  EXPECT_EQ(log.lines().size(), 11U);
  clock.advance(std::chrono::minutes(1));
  ledger.warn(Mishap::unreadable, "rubbish again");
  EXPECT_EQ(log.lines().back(), "rubbish again (2 more were not logged)");
}

}  // namespace
}  // namespace gantry
