// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/client.hpp"

#include <gtest/gtest.h>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

struct RpcClientTest : testing::Test {
  RecordingDriver::Record record;
  Transport transport = record_transport(record);
  RpcClient client{transport, {.topic = "calc"}};

  const RecordingDriver::Sent& last() { return record.sent.back(); }
  std::chrono::milliseconds left_at_last() {
    return std::chrono::ceil<std::chrono::seconds>(last().options.deadline.remaining());
  }
};

TEST_F(RpcClientTest, CLI_2_TheBodyHoldsNamespaceAndVersionOnlyWhenTheyAreSet) {
  client.cast("add", {{"a", 1}});
  EXPECT_EQ(to_json(last().message.body), R"({"method": "add", "args": {"a": 1}})");
  client.prepare({.ns = "n", .version = "1.2"}).call("add");
  EXPECT_EQ(to_json(last().message.body),
            R"({"method": "add", "args": {}, "namespace": "n", "version": "1.2"})");
}

TEST_F(RpcClientTest, CLI_4_NothingIsSentWhenTheVersionCapForbidsIt) {
  const RpcClient capped(transport, {.topic = "calc", .version = "1.1"}, {.version_cap = "1.0"});
  EXPECT_THROW(capped.call("add"), RPCVersionCapError);
  EXPECT_THROW(capped.cast("add"), RPCVersionCapError);
  EXPECT_THROW(capped.call_async("add").get(), RPCVersionCapError);
  EXPECT_TRUE(record.sent.empty());
}

TEST_F(RpcClientTest, CLI_5_ACallToAFanoutTargetIsRefused) {
  const RpcClient by_target(transport, {.topic = "calc", .fanout = true});
  EXPECT_THROW(by_target.call("add"), InvalidTarget);
  EXPECT_THROW(client.prepare({.fanout = true}).call("add"), InvalidTarget);
  EXPECT_THROW(client.prepare({.fanout = true}).call_async("add").get(), InvalidTarget);
  client.prepare({.fanout = true}).cast("add");
  EXPECT_TRUE(last().target.is_fanout());
}

TEST_F(RpcClientTest, CLI_6_ACastHasNoTimeout) {
  client.cast("add");
  EXPECT_FALSE(last().is_call);
  EXPECT_TRUE(last().options.deadline.is_never());
  client.prepare({.monitor = 2s}).call("add");
  EXPECT_EQ(last().options.monitor, 2s);
}

TEST_F(RpcClientTest, CLI_7_PrepareWinsOverTheClientAndTheClientOverTheTransport) {
  client.call("add");
  EXPECT_EQ(left_at_last(), 60s);
  const RpcClient patient(transport, {.topic = "calc"}, {.timeout = 100s});
  patient.call("add");
  EXPECT_EQ(left_at_last(), 100s);
  patient.prepare({.timeout = 7s}).call("add");
  EXPECT_EQ(left_at_last(), 7s);
  client.prepare({.timeout = 0s}).call("add");
  EXPECT_TRUE(last().options.deadline.expired());
}

TEST_F(RpcClientTest, CLI_8_RetryIsForEverUnlessSaidOtherwise) {
  client.call("add");
  EXPECT_EQ(last().options.retry, -1);
  const RpcClient once(transport, {.topic = "calc"}, {.retry = 0});
  once.call("add");
  EXPECT_EQ(last().options.retry, 0);
  once.prepare({.retry = 5}).cast("add");
  EXPECT_EQ(last().options.retry, 5);
}

TEST_F(RpcClientTest, CLI_9_PrepareLeavesTheClientAsItWas) {
  const auto prepared =
      client.prepare({.exchange = "x", .topic = "t", .ns = "n", .version = "1.1", .server = "s"});
  const auto again = prepared.prepare({.server = "s2"});
  const Target expected{.exchange = "x", .topic = "t", .ns = "n", .version = "1.1", .server = "s2"};
  EXPECT_EQ(again.target(), expected);
  EXPECT_EQ(client.target(), Target{.topic = "calc"});
}

TEST_F(RpcClientTest, CLI_11_AMalformedVersionIsRefusedWhereItEnters) {
  for (const auto* version : {"5", "5.a", "5.5.a", ""}) {
    EXPECT_THROW(client.prepare({.version = version}), InvalidVersion) << version;
    EXPECT_THROW(RpcClient(transport, {.topic = "calc", .version = version}), InvalidVersion);
    EXPECT_THROW(client.prepare({.version_cap = version}), InvalidVersion);
  }
}

TEST_F(RpcClientTest, CLI_12_TheCapIsComparedAsAVersion) {
  const auto sends = [&](const char* cap, std::optional<std::string> version) {
    const RpcClient capped(transport, {.topic = "calc", .version = std::move(version)},
                           {.version_cap = cap});
    return capped.can_send_version();
  };
  EXPECT_TRUE(sends("1.1", "1.1"));
  EXPECT_TRUE(sends("1.1", "1.0"));
  EXPECT_FALSE(sends("1.0", "1.1"));
  EXPECT_FALSE(sends("1.0", "1.0.1"));
  EXPECT_FALSE(sends("2.0", "1.0"));
  EXPECT_FALSE(sends("1.0", std::nullopt));
  EXPECT_TRUE(client.can_send_version("9.9"));
}

TEST_F(RpcClientTest, CLI_16_WhatTheCallerCanActOnReachesItAsItIs) {
  record.answer = [](Completion<Value> done) { done.fail(MessageDeliveryFailure("nack")); };
  EXPECT_THROW(client.call("add"), MessageDeliveryFailure);
  record.answer = [](Completion<Value> done) { done.fail(MessagingTimeout("late")); };
  EXPECT_THROW(client.call("add"), MessagingTimeout);
  record.answer = [](Completion<Value> done) { done.fail(MessageUndeliverable("", "x", "k")); };
  EXPECT_THROW(client.call_async("add").get(), MessageUndeliverable);
  record.answer = [](Completion<Value> done) { done.fail(RemoteError({.class_name = "Odd"})); };
  EXPECT_THROW(client.call("add"), RemoteError);
}

TEST_F(RpcClientTest, CLI_16_AnErrorOfTheBackendNamesTheTargetAndKeepsItsCause) {
  const auto refused = [] { throw AuthenticationFailed("access refused"); };
  const auto check = [](auto send) {
    try {
      send();
      FAIL() << "nothing was refused";
    } catch (const ClientSendError& error) {
      EXPECT_EQ(error.target(), Target{.topic = "calc"});
      EXPECT_THROW(std::rethrow_exception(error.cause()), AuthenticationFailed);
      EXPECT_STREQ(error.what(), "cannot send to <Target topic=calc>: access refused");
    }
  };
  record.fault = refused;
  check([&] { client.call("add"); });
  check([&] { client.call_async("add").get(); });
  check([&] { client.cast("add"); });
  record.fault = [] { throw std::runtime_error("a bug"); };
  EXPECT_THROW(client.call("add"), ClientSendError);
}

TEST_F(RpcClientTest, CLI_1_ABareClientSendsWithTheDefaults) {
  client.call("add");
  EXPECT_EQ(last().target, Target{.topic = "calc"});
  EXPECT_EQ(last().options.retry, -1);
  EXPECT_FALSE(last().options.monitor);
  EXPECT_FALSE(last().options.at_least_once);
  EXPECT_TRUE(last().message.context.empty());
}

TEST_F(RpcClientTest, CLI_9_UnsetInheritsNoneClearsAndAValueReplaces) {
  const RpcClient full(transport,
                       {.exchange = "x", .topic = "t", .ns = "n", .version = "1.1", .server = "s"},
                       {.timeout = 5s, .monitor = 2s, .retry = 3, .at_least_once = true});
  EXPECT_EQ(full.prepare({}).target(), full.target());
  const auto cleared = full.prepare({.exchange = std::nullopt,
                                     .ns = std::nullopt,
                                     .version = std::nullopt,
                                     .server = std::nullopt,
                                     .timeout = std::nullopt,
                                     .monitor = std::nullopt,
                                     .retry = std::nullopt,
                                     .at_least_once = std::nullopt});
  EXPECT_EQ(cleared.target(), Target{.topic = "t"});
  cleared.call("add");
  EXPECT_EQ(left_at_last(), 60s);
  EXPECT_FALSE(last().options.monitor);
  EXPECT_EQ(last().options.retry, -1);
  EXPECT_FALSE(last().options.at_least_once);
  full.prepare({}).prepare({}).call("add");
  EXPECT_EQ(left_at_last(), 5s);
  EXPECT_EQ(last().options.monitor, 2s);
  EXPECT_TRUE(last().options.at_least_once);
}

TEST_F(RpcClientTest, CLI_10_SerializerAndTransportAreTheClientsOwn) {
  const auto has_either = [](const auto& prepared) {
    return requires { prepared.serializer; }
    || requires { prepared.transport; };
  };
  EXPECT_FALSE(has_either(Prepared{}));
}

TEST_F(RpcClientTest, CLI_13_AnExplicitNoneIsTestedAsNone) {
  const RpcClient capped(transport, {.topic = "calc", .version = "1.0"}, {.version_cap = "1.0"});
  EXPECT_TRUE(capped.can_send_version());
  EXPECT_FALSE(capped.can_send_version(std::nullopt));
  EXPECT_TRUE(capped.can_send_version("1.0"));
  EXPECT_FALSE(capped.can_send_version("1.1"));
  EXPECT_FALSE(capped.prepare({.version = "1.1"}).can_send_version());
  EXPECT_TRUE(capped.prepare({.version_cap = std::nullopt}).can_send_version("9.9"));
}

TEST_F(RpcClientTest, CLI_18_TheMonitorTravelsInTheRequest) {
  const RpcClient monitored(transport, {.topic = "calc"}, {.monitor = 1500ms});
  monitored.call("add");
  EXPECT_EQ(last().options.monitor, 1500ms);
  monitored.cast("add");
  EXPECT_FALSE(last().options.monitor);
}

TEST_F(RpcClientTest, DRV_19_WhatIsSentIsNotChangedForTheNextSend) {
  const Object context{{"user", "ada"}};
  const Object args{{"a", 1}};
  const RpcClient caller(transport, {.topic = "calc"}, {.context = context});
  caller.call("add", args);
  caller.cast("add", args);
  EXPECT_EQ(record.sent[0].message, record.sent[1].message);
  EXPECT_EQ(args, (Object{{"a", 1}}));
  EXPECT_EQ(record.sent[0].message.context, context);
}

TEST_F(RpcClientTest, CLI_21_AClientWithoutTopicFailsWhenItSends) {
  const RpcClient aimless(transport, {});
  EXPECT_THROW(aimless.call("add"), InvalidTarget);
  EXPECT_THROW(aimless.cast("add"), InvalidTarget);
  EXPECT_TRUE(record.sent.empty());
}

TEST_F(RpcClientTest, CLI_23_CancelEndsAPendingCallAndItsLateAnswerIsDropped) {
  Completion<Value> answer;
  record.answer = [&](Completion<Value> done) { answer = std::move(done); };
  auto pending = client.call_async("add");
  EXPECT_FALSE(pending.ready());
  EXPECT_TRUE(pending.cancel());
  answer.succeed(5);
  EXPECT_THROW(pending.get(), OperationCancelled);
  EXPECT_FALSE(pending.cancel());
}

TEST_F(RpcClientTest, CLI_23_ThenGetsTheOutcomeBeforeOrAfterItIsHere) {
  Completion<Value> answer;
  record.answer = [&](Completion<Value> done) { answer = std::move(done); };
  std::vector<Value> got;
  auto pending = client.call_async("add");
  pending.then([&](Outcome<Value> outcome) { got.push_back(std::move(outcome).get()); });
  answer.succeed(5);
  record.answer = [](Completion<Value> done) { done.succeed(6); };
  client.call_async("add").then(
      [&](Outcome<Value> outcome) { got.push_back(std::move(outcome).get()); });
  EXPECT_EQ(got, (std::vector<Value>{5, 6}));
}

TEST_F(RpcClientTest, DISP_21_AResultOfAnotherTypeIsAnErrorThatNamesTheMethod) {
  record.answer = [](Completion<Value> done) { done.succeed("text"); };
  EXPECT_EQ(client.call<std::string>("name"), "text");
  try {
    client.call<std::int64_t>("name");
    FAIL() << "a text is no integer";
  } catch (const SerializationError& error) {
    EXPECT_NE(std::string(error.what()).find("'name'"), std::string::npos) << error.what();
  }
}

TEST_F(RpcClientTest, TRN_10_AfterCloseEveryOperationThrowsTransportClosed) {
  transport.close();
  transport.close();
  EXPECT_THROW(client.call("add"), TransportClosed);
  EXPECT_THROW(client.cast("add"), TransportClosed);
}

TEST_F(RpcClientTest, DRV_23_AVerbThatTheDriverDoesNotHaveIsRefusedByName) {
  EXPECT_THROW(transport.send_notification({.topic = "n.info"}, {}, Envelope::v2, {}),
               UnsupportedFeature);
  EXPECT_THROW(transport.listen({.topic = "calc"}, {}, never), InvalidTarget);
}

}  // namespace
}  // namespace gantry
