// SPDX-License-Identifier: Apache-2.0
#include "gantry/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_transport.hpp"
#include "gantry/error.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

// Both sides of the door: what a caller says, and what reaches the driver.
struct TransportTest : testing::Test {
  RecordingDriver::Record record{.features = {.rpc = true, .notifications = true, .pools = true}};
  Transport transport = record_transport(record);
  const Message message{
      .body = {{"method", "m"}}, .context = {{"user", "u"}}, .headers = {{"h", "1"}}};

  const RecordingDriver::Sent& last() { return record.sent.back(); }
  void listen(const Target& target) { transport.listen(target, {}, never); }
  void listen_for(std::vector<Subscription> subscriptions) {
    transport.listen_for_notifications(subscriptions, {}, {}, never);
  }
};

TEST_F(TransportTest, TRN_6_NothingIsSentWithoutATopic) {
  for (const Target& target : {Target{}, Target{.topic = ""}, Target{.server = "s"}}) {
    EXPECT_THROW(transport.send(target, message, {}), InvalidTarget);
    EXPECT_THROW(transport.call(target, message, {}), InvalidTarget);
    EXPECT_THROW(transport.send_notification(target, message, Envelope::v2, {}), InvalidTarget);
  }
  EXPECT_THAT(record.sent, IsEmpty());
}

TEST_F(TransportTest, TRN_7_AServerNeedsATopicAndAName) {
  for (const Target& target :
       {Target{}, Target{.topic = "t"}, Target{.server = "s"}, Target{.topic = "", .server = "s"},
        Target{.topic = "t", .server = ""}}) {
    EXPECT_THROW(listen(target), InvalidTarget) << target;
  }
  EXPECT_THAT(record.subscribed, IsEmpty());
}

TEST_F(TransportTest, TRN_8_EverySubscriptionNeedsATopicAndAllAreCheckedFirst) {
  EXPECT_THROW(listen_for({{{.topic = "a"}, "info"}, {{}, "info"}, {{.topic = "c"}, "info"}}),
               InvalidTarget);
  EXPECT_THROW(listen_for({{{.topic = ""}, "info"}}), InvalidTarget);
  EXPECT_THAT(record.subscribed, IsEmpty());
}

TEST_F(TransportTest, TRN_9_WhatIsSentReachesTheDriverUnchanged) {
  const Target target{.exchange = "e", .topic = "t", .server = "s", .fanout = false};
  const auto deadline = Deadline::after(30s);
  transport.call(target, message, {{.deadline = deadline, .retry = 3, .at_least_once = true}, 2s});
  EXPECT_TRUE(last().is_call);
  EXPECT_EQ(last().target, target);
  EXPECT_EQ(last().message, message);
  EXPECT_EQ(last().options.deadline, deadline);
  EXPECT_EQ(last().options.retry, 3);
  EXPECT_TRUE(last().options.at_least_once);
  EXPECT_EQ(last().options.monitor, 2s);
}

TEST_F(TransportTest, TRN_9_WhatIsNotSaidIsUnlimited) {
  const auto expect_defaults = [this] {
    EXPECT_TRUE(last().options.deadline.is_never());
    EXPECT_EQ(last().options.retry, -1);
    EXPECT_EQ(last().options.monitor, std::nullopt);
  };
  transport.send({.topic = "t"}, message, {});
  expect_defaults();
  transport.call({.topic = "t"}, message, {});
  expect_defaults();
  transport.send_notification({.topic = "t"}, message, Envelope::v1, {});
  expect_defaults();
}

TEST_F(TransportTest, TRN_9_SubscriptionsReachTheDriverUnchanged) {
  const auto deadline = Deadline::after(30s);
  const std::vector<Subscription> two{{{.exchange = "e", .topic = "t"}, "info"},
                                      {{.topic = "u"}, "error"}};
  EXPECT_THROW(transport.listen_for_notifications(two, "pool", {5, 200ms}, deadline),
               UnsupportedFeature);  // the recording driver goes no further
  ASSERT_THAT(record.subscribed, SizeIs(1));
  const auto& subscribed = record.subscribed[0];
  ASSERT_THAT(subscribed.to, SizeIs(2));
  EXPECT_EQ(subscribed.to[0].target, two[0].target);
  EXPECT_EQ(subscribed.to[1].priority, "error");
  EXPECT_EQ(subscribed.pool, "pool");
  EXPECT_EQ(subscribed.deadline, deadline);
}

TEST_F(TransportTest, DRV_17_TheBatchReachesTheListenerUnchanged) {
  EXPECT_THROW(transport.listen({.topic = "t", .server = "s"}, {5, 200ms}, never),
               UnsupportedFeature);
  EXPECT_THROW(transport.listen_for_notifications({}, {}, {6, 300ms}, never), UnsupportedFeature);
  ASSERT_THAT(record.subscribed, SizeIs(2));
  EXPECT_EQ(record.subscribed[0].batch.size, 5U);
  EXPECT_EQ(record.subscribed[0].batch.timeout, 200ms);
  EXPECT_EQ(record.subscribed[1].batch.size, 6U);
  EXPECT_EQ(record.subscribed[1].batch.timeout, 300ms);
}

TEST_F(TransportTest, URL_32_AtLeastOnceIsAskedForAndOffOtherwise) {
  const RpcClient client(transport, {.topic = "t"});
  client.call("m");
  EXPECT_FALSE(last().options.at_least_once);
  client.cast("m");
  EXPECT_FALSE(last().options.at_least_once);
  client.prepare({.at_least_once = true}).call("m");
  EXPECT_TRUE(last().options.at_least_once);
  const RpcClient sure(transport, {.topic = "t"}, {.at_least_once = true});
  sure.cast("m");
  EXPECT_TRUE(last().options.at_least_once);
  sure.prepare({.at_least_once = false}).cast("m");
  EXPECT_FALSE(last().options.at_least_once);
}

TEST(Transports, TRN_15_OfOneBackendExchangeMessages) {
  auto here = fake_transport("fake://trn15");
  auto there = fake_transport("fake://trn15");
  Endpoint endpoint;
  endpoint.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  RpcServer server(here, {.topic = "calc", .server = "s"}, {endpoint});
  server.start();
  const RpcClient client(there, {.topic = "calc"});
  EXPECT_EQ(client.call<std::int64_t>("add", {{"a", 2}, {"b", 3}}), 5);
}

}  // namespace
}  // namespace gantry
