// SPDX-License-Identifier: Apache-2.0
// What a server does with a request, seen from its driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "captured_log.hpp"
#include "gantry/failure.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/rpc/server.hpp"
#include "serving_driver.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct RpcServing : testing::Test {
  ServingDriver::Record record;
  Transport transport = serving_transport(record);
  Endpoint endpoint{"1.0"};
  std::unique_ptr<RpcServer> server;

  RpcServer& serve(ServerOptions options = {}) {
    server = std::make_unique<RpcServer>(transport, Target{.topic = "t", .server = "s"},
                                         std::vector{endpoint}, options);
    server->start();
    return *server;
  }
  void finish() {
    server->stop();
    server->wait();
  }
  static Failure failure_in(std::future<Reply> reply) {
    auto answer = reply.get();
    EXPECT_TRUE(std::holds_alternative<Failure>(answer));
    return std::holds_alternative<Failure>(answer) ? std::get<Failure>(answer) : Failure{};
  }
};

TEST_F(RpcServing, RPCS_1_AServerTakesWhatOsloMessagingsDoes) {
  serve({.workers = 1,
         .executor = "threading",
         .access_policy = std::make_shared<DefaultAccessPolicy>(),
         .serializer = std::make_shared<NoOpSerializer>()});
  EXPECT_EQ(record.target, (Target{.topic = "t", .server = "s"}));
}

TEST_F(RpcServing, RPCS_2_AServerListensForOneRequestAtATime) {
  serve();
  EXPECT_EQ(record.batch.size, 1U);
  EXPECT_FALSE(record.batch.timeout);
}

TEST_F(RpcServing, RPCS_3_ARequestIsAcknowledgedThenDispatchedThenAnswered) {
  endpoint.method("run", {}, [&] { record.note("run"); });
  serve();
  record.request({{"method", "run"}}).wait();
  finish();
  EXPECT_THAT(record.noted(), ElementsAre("acknowledge", "run", "reply", "stopped", "released"));
}

TEST_F(RpcServing, RPCS_6_AnExpectedExceptionIsNoErrorInTheLog) {
  test::CapturedLog log;
  std::vector<LogLevel> levels;
  set_log_sink([&](LogLevel level, std::string_view text) {
    if (text.find("failed") != text.npos) levels.push_back(level);
  });
  endpoint.method("get", {}, [] { throw std::out_of_range("no such key"); },
                  {.expects = {expected<std::logic_error>}});
  endpoint.method("other", {}, [] { throw std::runtime_error("odd"); },
                  {.expects = {expected<std::logic_error>}});
  serve({.workers = 1});
  EXPECT_EQ(failure_in(record.request({{"method", "get"}})).message, "no such key");
  EXPECT_EQ(failure_in(record.request({{"method", "other"}})).message, "odd");
  finish();
  EXPECT_THAT(levels, ElementsAre(LogLevel::debug, LogLevel::error));
}

TEST_F(RpcServing, RPCS_7_AMissingMethodIsNoErrorInTheLog) {
  std::vector<LogLevel> levels;
  set_log_level(LogLevel::debug);
  set_log_sink([&](LogLevel level, std::string_view) { levels.push_back(level); });
  serve({.workers = 1});
  const auto failure = failure_in(record.request({{"method", "probe_ignore_errors"}}));
  finish();
  set_log_sink({});
  set_log_level(LogLevel::warning);
  EXPECT_EQ(failure.class_name, "NoSuchMethod");
  EXPECT_THAT(levels, testing::Each(LogLevel::debug));
}

// The driver's acknowledge() and reply() are noexcept, so what fails there cannot reach the server.
TEST_F(RpcServing, RPCS_4_RPCS_9_RPCS_15_TheServerGoesOnWhateverBecomesOfAReply) {
  static_assert(noexcept(std::declval<IncomingMessage&>().acknowledge()));
  static_assert(noexcept(std::declval<IncomingMessage&>().reply(Reply())));
  endpoint.method("run", {}, [] { return "ran"; });
  serve();
  static_cast<void>(record.request({{"method", "run"}}));  // nobody waits for it
  EXPECT_EQ(std::get<Value>(record.request({{"method", "run"}}).get()), "ran");
}

TEST_F(RpcServing, DISP_15_AHeartbeatCannotEndARequest) {
  static_assert(noexcept(std::declval<IncomingMessage&>().heartbeat()));
}

TEST_F(RpcServing, RPCS_12_ACastIsNotAnswered) {
  std::latch ran(1);
  endpoint.method("note", {}, [&] { ran.count_down(); });
  serve();
  record.request({{"method", "note"}}, {}, {});
  ran.wait();
  finish();
  EXPECT_EQ(transport.ledger().counts().of(Receipt::handled), 1U);
}

TEST_F(RpcServing, RPCS_13_ReceiptAndReplyAreToldAtDebugLevel) {
  test::CapturedLog log;
  endpoint.method("run", {}, [] {});
  serve();
  record.request({{"method", "run"}}).wait();
  finish();
  EXPECT_THAT(log.lines(), ElementsAre(HasSubstr("request m1 received: run"),
                                       testing::ContainsRegex("request m1 ended: success after "
                                                              "[0-9]+\\.[0-9][0-9][0-9] s")));
}

TEST_F(RpcServing, RPCS_18_TheServerNeverRequeues) {
  endpoint.method("fail", {}, [] { throw std::runtime_error("odd"); });
  serve();
  failure_in(record.request({{"method", "fail"}}));
  finish();
  EXPECT_THAT(record.noted(), testing::Not(testing::Contains("requeue")));
}

TEST_F(RpcServing, SRV_1_OnlyKnownExecutorsExist) {
  for (const auto* name : {"boom", "blocking", "eventlet", ""}) {
    try {
      serve({.executor = name});
      FAIL() << name;
    } catch (const ExecutorLoadFailure& error) {
      EXPECT_EQ(error.executor(), name);
    }
  }
}

TEST_F(RpcServing, SRV_2_AServerWithoutWorkersIsRefused) {
  EXPECT_THROW(serve({.workers = 0}), InvalidArgument);
}

TEST_F(RpcServing, SRV_2_OneWorkerRunsOneRequestAtATime) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  endpoint.method("run", {}, [&] {
    most = std::max(most.load(), ++running);
    std::this_thread::yield();
    --running;
  });
  serve({.workers = 1});
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 50; ++i) replies.push_back(record.request({{"method", "run"}}));
  for (auto& reply : replies) reply.wait();
  EXPECT_EQ(most, 1);
}

TEST_F(RpcServing, SRV_4_StopDoesNotWaitForAHandler) {
  std::promise<void> release;
  std::latch entered(1);
  endpoint.method("slow", {}, [&] {
    entered.count_down();
    release.get_future().wait();
    return "done";
  });
  serve();
  auto reply = record.request({{"method", "slow"}});
  entered.wait();
  server->stop();
  release.set_value();
  EXPECT_EQ(std::get<Value>(reply.get()), "done");
}

TEST_F(RpcServing, SRV_7_EachTransitionRunsOnceACycle) {
  int listens = 0;
  record.fault = [&] { ++listens; };
  server = std::make_unique<RpcServer>(transport, Target{.topic = "t", .server = "s"},
                                       std::vector{endpoint});
  const auto at_once = [](auto verb) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(verb);
  };
  at_once([&] { server->start(); });
  EXPECT_EQ(listens, 1);
  at_once([&] { server->stop(); });
  at_once([&] { server->wait(); });
  server->stop();
  server->wait();
  EXPECT_THAT(record.noted(), ElementsAre("stopped", "released"));
}

TEST_F(RpcServing, SRV_8_AStartAfterAStopFinishesTheFormerCycleFirst) {
  server = std::make_unique<RpcServer>(transport, Target{.topic = "t", .server = "s"},
                                       std::vector{endpoint});
  for (int i = 0; i < 5; ++i) {
    server->start();
    EXPECT_EQ(record.listeners, 1);
    server->stop();
  }
  server->wait();
  EXPECT_EQ(record.listeners, 0);
  EXPECT_EQ(std::ranges::count(record.noted(), "released"), 5);
}

TEST_F(RpcServing, SRV_6_SRV_9_AWaitEndsWithItsCycleAndLeavesTheNextAlone) {
  endpoint.method("run", {}, [] { return "ran"; });
  serve();
  std::jthread waiting([&] { server->wait(); });
  server->stop();
  waiting.join();
  server->start();
  EXPECT_EQ(std::get<Value>(record.request({{"method", "run"}}).get()), "ran");
  EXPECT_EQ(record.listeners, 1);
}

TEST_F(RpcServing, SRV_14_ADriversErrorWhileSubscribingNamesTheTarget) {
  record.fault = [] { throw TransportDriverError("access refused"); };
  for (int i = 0; i < 2; ++i) {
    try {
      serve();
      FAIL() << "it started";
    } catch (const ServerListenError& error) {
      EXPECT_EQ(error.target(), (Target{.topic = "t", .server = "s"}));
      EXPECT_THROW(std::rethrow_exception(error.cause()), TransportDriverError);
    }
  }
  record.fault = [] {};
  serve();
}

TEST_F(RpcServing, SRV_18_ABatchIsWorkedOffByWhoeverTookIt) {
  std::vector<int> order;
  endpoint.method("note", {"n"}, [&](int n) { order.push_back(n); });
  serve({.workers = 1});
  for (int i = 0; i < 20; ++i) {
    record.request({{"method", "note"}, {"args", Object{{"n", i}}}}, {}, {});
  }
  finish();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order.at(static_cast<std::size_t>(i)), i);
}

TEST_F(RpcServing, SRV_21_TheInlineExecutorRunsOnTheListenersThread) {
  std::thread::id ran_on;
  endpoint.method("where", {}, [&] { ran_on = std::this_thread::get_id(); });
  endpoint.method("wait", {}, [&] { server->wait(); });
  serve({.executor = "inline"});
  record.request({{"method", "where"}}).wait();
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  EXPECT_EQ(failure_in(record.request({{"method", "wait"}})).class_name, "WouldDeadlock");
}

TEST_F(RpcServing, SRV_22_TheDestructorDropsWhatCannotBeginInTimeAndSaysSo) {
  ManualClock clock;
  test::CapturedLog log;
  std::promise<void> release;
  std::latch entered(1);
  endpoint.method("block", {}, [&] {
    entered.count_down();
    release.get_future().wait();
  });
  endpoint.method("never", {}, [&] { record.note("never"); });
  serve({.workers = 1, .shutdown_timeout = 30s});
  auto blocker = record.request({{"method", "block"}});
  for (int i = 0; i < 3; ++i) record.request({{"method", "never"}}, {}, {});
  entered.wait();
  std::jthread destroyer([&] { server.reset(); });
  while (detail::Sleeper::earliest() == Clock::time_point::max()) std::this_thread::yield();
  clock.advance(30s);
  release.set_value();
  destroyer.join();
  EXPECT_THAT(log.lines(), testing::Contains(HasSubstr("3 accepted requests")));
  EXPECT_EQ(transport.ledger().counts().of(Receipt::dropped), 3U);
  EXPECT_EQ(transport.ledger().counts().receipts_under_way(), 0U);
  EXPECT_THAT(record.noted(), testing::Not(testing::Contains("never")));
}

TEST_F(RpcServing, DISP_14_HeartbeatsComeEveryHalfOfTheTimeoutWhileTheMethodRuns) {
  ManualClock clock;
  std::promise<void> release;
  std::latch entered(1);
  endpoint.method("slow", {}, [&] {
    entered.count_down();
    release.get_future().wait();
  });
  serve();
  auto reply =
      record.request({{"method", "slow"}}, {}, {.id = "m1", .wants_reply = true, .monitor = 2s});
  entered.wait();
  clock.advance(2200ms);
  release.set_value();
  reply.wait();
  clock.advance(1h);
  EXPECT_THAT(record.noted(), ElementsAre("acknowledge", "heartbeat", "heartbeat", "reply"));
}

TEST_F(RpcServing, DISP_16_HalvesOfASecondAreMonitoredAndLessThanAFifthIsNot) {
  ManualClock clock;
  test::CapturedLog log;
  for (const auto& [monitor, beats] : {std::pair{500ms, 4}, {199ms, 0}, {0ms, 0}, {-3000ms, 0}}) {
    std::promise<void> release;
    std::latch entered(1);
    Endpoint slow("1.0");
    slow.method("slow", {}, [&] {
      entered.count_down();
      release.get_future().wait();
    });
    endpoint = slow;
    serve();
    auto reply = record.request({{"method", "slow"}}, {},
                                {.id = "m1", .wants_reply = true, .monitor = monitor});
    entered.wait();
    clock.advance(1s);
    release.set_value();
    reply.wait();
    finish();
    EXPECT_EQ(std::ranges::count(record.noted(), "heartbeat"), beats) << monitor.count();
    record.steps.clear();
  }
}

TEST_F(RpcServing, DISP_17_NoMonitorOutlivesItsRequest) {
  ManualClock clock;
  test::CapturedLog log;
  serve();
  for (int i = 0; i < 100; ++i) {
    record.request({{"method", "unknown"}}, {}, {.id = "m", .wants_reply = true, .monitor = 2s})
        .wait();
  }
  clock.advance(1min);
  EXPECT_EQ(std::ranges::count(record.noted(), "heartbeat"), 0);
}

TEST_F(RpcServing, DISP_18_AThousandMonitoredRequestsShareOneTimer) {
  ManualClock clock;
  std::atomic<int> entered = 0;
  std::latch both(2);
  std::promise<void> release;
  auto released = release.get_future().share();
  endpoint.method("slow", {}, [&] {
    if (++entered <= 2) both.count_down();
    released.wait();
  });
  serve({.workers = 2, .backlog = 2000});
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 1000; ++i) {
    replies.push_back(
        record.request({{"method", "slow"}}, {}, {.id = "m", .wants_reply = true, .monitor = 2s}));
  }
  both.wait();
  clock.advance(1s);
  EXPECT_EQ(std::ranges::count(record.noted(), "heartbeat"), 2) << "those that run";
  release.set_value();
  for (auto& reply : replies) reply.wait();
}

TEST_F(RpcServing, DISP_19_RequestsAreDispatchedConcurrently) {
  constexpr int workers = 4;
  std::latch together(workers);
  endpoint.method("meet", {}, [&] { together.arrive_and_wait(); });
  serve({.workers = workers});
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < workers; ++i) replies.push_back(record.request({{"method", "meet"}}));
  for (auto& reply : replies) EXPECT_TRUE(std::holds_alternative<Value>(reply.get()));
}

TEST_F(RpcServing, LedgerBalancesForWhatWasReceived) {
  test::CapturedLog log;
  endpoint.method("run", {}, [] {});
  serve({.workers = 1});
  record.request({{"method", "run"}}).wait();
  record.request({{"method", "run"}}, {}, {});
  record.request({{"method", "unknown"}}).wait();
  EXPECT_THROW(record
                   .request({{"method", "run"}}, {},
                            {.wants_reply = true, .deadline = Deadline(Clock::now())})
                   .get(),
               std::future_error);
  finish();
  const auto counts = transport.ledger().counts();
  EXPECT_EQ(counts.received, 4U);
  EXPECT_EQ(counts.receipts_under_way(), 0U);
  EXPECT_EQ(counts.str(), "sent 0; received 4: 1 answered, 1 failed, 1 handled, 1 expired");
}

}  // namespace
}  // namespace gantry
