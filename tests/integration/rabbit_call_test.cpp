// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <boost/json/value_to.hpp>
#include <future>
#include <latch>
#include <thread>
#include <vector>

#include "gantry/json.hpp"
#include "rabbit_fixture.hpp"

namespace gantry::test {
namespace {

using RabbitCallTest = RabbitTest;

CallOptions within(std::chrono::milliseconds timeout) {
  return {{.deadline = Deadline::after(timeout)}, {}};
}

TEST_F(RabbitCallTest, DRV_2_ACallByTopicAndByServerIsAnswered) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  for (const auto& target : {at_topic, server_target}) {
    const auto result =
        transport.call(target, {.body = body_of("echo", {{"x", 1}}), .context = {{"user", "u"}}},
                       within(kPatience));
    EXPECT_EQ(to_json(result.at("body")), R"({"method": "echo", "args": {"x": 1}})");
    EXPECT_EQ(to_json(result.at("context")), R"({"user": "u"})");
  }
}

TEST_F(RabbitCallTest, RPLY_1_HundredCallsUseOneReplyQueueAndEachGetsItsOwnAnswer) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  std::vector<std::future<Outcome<Value>>> calls;
  for (int i = 0; i < 100; ++i)
    calls.push_back(
        call_async(transport, at_topic, {.body = body_of("echo", {{"i", i}})}, within(kPatience)));
  for (int i = 0; i < 100; ++i) {
    const auto result = calls[static_cast<std::size_t>(i)].get().get();
    EXPECT_EQ(result.at("body").at("args").at("i"), i);
  }
}

TEST_F(RabbitCallTest, MSG_5_AFailureReachesTheCallerAsRemoteError) {
  auto transport = open();
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([](Batch batch) {
    batch.front()->reply(
        Failure{.class_name = "ValueError", .module = "builtins", .message = "no"});
  });
  try {
    transport.call(at_topic, {.body = body_of("fail")}, within(kPatience));
    FAIL() << "no error";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.exc_type(), "ValueError");
    EXPECT_EQ(error.value(), "no");
  }
}

TEST_F(RabbitCallTest, HeadersTravelOutsideTheBody) {
  auto transport = open();
  std::promise<Headers> seen;
  const auto listener = transport.listen(server_target, {}, Deadline::after(kPatience));
  listener->start([&](Batch batch) { seen.set_value(batch.front()->message().headers); });
  transport.send(at_topic, {.body = body_of("m"), .headers = {{"trace", "abc"}}},
                 {.deadline = Deadline::after(kPatience)});
  EXPECT_EQ(seen.get_future().get(), (Headers{{"trace", "abc"}}));
}

TEST_F(RabbitCallTest, ABodyOfManyFramesArrivesWhole) {
  auto transport = open();
  const EchoServer server(transport, server_target);
  const std::string text(1'000'000, 'x');
  const auto result =
      transport.call(at_topic, {.body = body_of("echo", {{"text", text}})}, within(kPatience));
  EXPECT_EQ(value_to<std::string>(result.at("body").at("args").at("text")), text);
}

TEST_F(RabbitCallTest, DRV_11_ACallThatNobodyServesFailsAtOnce) {
  auto transport = open();
  try {
    transport.call(at_topic, {.body = body_of("m")}, within(kPatience));
    FAIL() << "no error";
  } catch (const MessageUndeliverable& error) {
    EXPECT_EQ(error.exchange(), "openstack");
    EXPECT_EQ(error.routing_key(), topic);
  }
}

TEST_F(RabbitCallTest, POOL_4_ThreadsThatBeginAtOnceShareTheOnlyConnection) {
  auto serving = open();
  const EchoServer server(serving, server_target);
  for (int round = 0; round < 20; ++round) {
    auto transport = open("rpc_conn_pool_size=1&conn_pool_min_size=1");
    std::latch ready(8);
    std::vector<std::future<void>> casts;
    for (int i = 0; i < 8; ++i)
      casts.push_back(std::async(std::launch::async, [&] {
        ready.arrive_and_wait();
        transport.send(at_topic, {.body = body_of("m")}, {.deadline = Deadline::after(kPatience)});
      }));
    for (auto& cast : casts) EXPECT_NO_THROW(cast.get());
  }
}

TEST_F(RabbitCallTest, POOL_4_WhatWaitsForTheOnlyConnectionGoesOnOnceItHasEmptied) {
  constexpr int kThreads = 4, kEach = 2000;  // many times what may be unconfirmed at once
  auto serving = open();
  const EchoServer server(serving, server_target);
  auto transport = open("rpc_conn_pool_size=1&conn_pool_min_size=1");
  std::latch ended(kThreads * kEach);
  std::atomic<int> failed = 0;
  const auto cast = [&] {
    for (int i = 0; i < kEach; ++i)
      transport.send(at_topic, {.body = body_of("m")}, {.deadline = Deadline::after(kPatience)},
                     Completion<void>([&](const Outcome<void>& outcome) {
                       if (outcome.error()) ++failed;
                       ended.count_down();
                     }));
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(cast);
  }
  ended.wait();
  EXPECT_EQ(failed, 0);
}

TEST_F(RabbitCallTest, RPLY_17_ClosingTheTransportEndsCallsUnderWay) {
  auto serving = open();
  const auto listener = serving.listen(server_target, {}, Deadline::after(kPatience));
  std::promise<std::unique_ptr<IncomingMessage>> request;
  listener->start([&](Batch batch) { request.set_value(std::move(batch.front())); });
  auto calling = open();
  auto call = call_async(calling, at_topic, {.body = body_of("m")}, within(kPatience));
  const auto unanswered = request.get_future().get();
  calling.close();
  EXPECT_THROW(call.get().get(), TransportClosed);
}

}  // namespace
}  // namespace gantry::test
