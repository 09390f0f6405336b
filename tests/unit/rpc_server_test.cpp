// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include "captured_log.hpp"
#include "fake_transport.hpp"
#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/context.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

Endpoint calculator() {
  Endpoint calc("1.5");
  calc.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  calc.method("greet", {"name", "greeting"},
              [](const std::string& name, std::optional<std::string> greeting) {
                return greeting.value_or("hello") + ' ' + name;
              });
  calc.method("echo", [](const Context&, const Object& args) { return Value(args); });
  calc.method("nothing", {}, [] {});
  calc.method("who", {}, [](const Context& context) { return context.values.at("user"); });
  calc.method("fail", {"what"}, [](const std::string& what) {
    if (what == "standard") throw std::invalid_argument("not that one");
    if (what == "remote")
      throw RemoteFailure({.class_name = "Odd", .module = "app", .message = "x"});
    throw 42;
  });
  calc.method("_private", {}, [] { return 1; });
  return calc;
}

struct RpcServerTest : testing::Test {
  // Every test has a broker of its own.
  Transport transport = fake_transport(
      std::string("fake://") + testing::UnitTest::GetInstance()->current_test_info()->name());
  RpcClient client{transport, {.topic = "calc", .version = "1.0"}};
  std::vector<std::unique_ptr<RpcServer>> servers;

  RpcServer& serve(std::vector<Endpoint> endpoints, std::string server = "s1",
                   ServerOptions options = {}) {
    servers.push_back(
        std::make_unique<RpcServer>(transport, Target{.topic = "calc", .server = std::move(server)},
                                    std::move(endpoints), options));
    servers.back()->start();
    return *servers.back();
  }

  RemoteError error_of(std::string_view method, const Object& args = {}) {
    return error_of(client, method, args);
  }
  static RemoteError error_of(const RpcClient& caller, std::string_view method,
                              const Object& args = {}) {
    try {
      caller.call(method, args);
    } catch (const RemoteError& error) {
      return error;
    }
    ADD_FAILURE() << method << " succeeded";
    return RemoteError({});
  }
};

TEST_F(RpcServerTest, RPCS_5_EveryKindOfResultComesBack) {
  serve({calculator()});
  EXPECT_EQ(client.call("add", {{"a", 2}, {"b", 3}}), Value(5));
  EXPECT_EQ(client.call("nothing"), Value(nullptr));
  client.call<void>("nothing");
  const Object kinds{{"null", nullptr}, {"no", false},        {"zero", 0},
                     {"text", ""},      {"list", Array{}},    {"object", Object{}},
                     {"double", 1.0},   {"most", UINT64_MAX}, {"least", INT64_MIN}};
  EXPECT_EQ(client.call("echo", kinds), Value(kinds));
}

TEST_F(RpcServerTest, RPCS_8_AnExceptionReachesTheCallerWithClassAndText) {
  serve({calculator()});
  const auto standard = error_of("fail", {{"what", "standard"}});
  EXPECT_EQ(standard.exc_type(), "ValueError");
  EXPECT_EQ(standard.value(), "not that one");
  const auto remote = error_of("fail", {{"what", "remote"}});
  EXPECT_EQ(remote.exc_type(), "Odd");
  EXPECT_EQ(remote.failure().module, "app");
  EXPECT_EQ(client.call("add", {{"a", 1}, {"b", 1}}), Value(2)) << "the server goes on";
}

TEST_F(RpcServerTest, RPCS_10_AResultThatCannotBeEncodedIsAFailureAtOnce) {
  Endpoint odd("1.0");
  odd.method("nan", {}, [] { return std::numeric_limits<double>::quiet_NaN(); });
  serve({odd});
  EXPECT_EQ(error_of("nan").exc_type(), "SerializationError");
}

TEST_F(RpcServerTest, RPCS_11_AnythingThrownIsAFailure) {
  serve({calculator()});
  EXPECT_EQ(error_of("fail", {{"what", "int"}}).exc_type(), "unknown");
}

TEST_F(RpcServerTest, DISP_2_TheNamespaceIsOneOfTheAccepted) {
  Endpoint in_namespace("1.0", "testns", {"second", std::nullopt});
  in_namespace.method("m", {}, [] { return "here"; });
  serve({in_namespace});
  for (const auto* ns : {"testns", "second"})
    EXPECT_EQ(client.prepare({.ns = ns}).call("m"), "here");
  EXPECT_EQ(client.call("m"), "here");
  EXPECT_EQ(error_of(client.prepare({.ns = "wrong"}), "m").exc_type(), "UnsupportedVersion");
}

TEST_F(RpcServerTest, DISP_3_TheFirstEndpointThatFitsTheVersionServes) {
  Endpoint one("1.5");
  Endpoint three("3.4");
  one.method("m", {}, [] { return 1; });
  three.method("m", {}, [] { return 3; });
  serve({one, three});
  EXPECT_EQ(client.prepare({.version = "3.2"}).call("m"), Value(3));
  EXPECT_EQ(client.prepare({.version = "1.5"}).call("m"), Value(1));
  EXPECT_EQ(error_of(client.prepare({.version = "3.5"}), "m").value(),
            "Endpoint does not support RPC version 3.5. Attempted method: m");
}

TEST_F(RpcServerTest, DISP_4_AVersionThatIsNullOrMalformedIsUnsupported) {
  serve({calculator()});
  for (const Value& version :
       {Value(nullptr), Value("1"), Value("a.b"), Value(1.0), Value("1.2.3.4")}) {
    Message request{.body = {{"method", "add"}, {"args", Object{}}, {"version", version}}};
    try {
      transport.call({.topic = "calc"}, std::move(request), {{.deadline = Deadline::after(60s)}});
      ADD_FAILURE() << to_json(version);
    } catch (const RemoteError& error) {
      EXPECT_EQ(error.exc_type(), "UnsupportedVersion") << to_json(version);
    }
  }
}

TEST_F(RpcServerTest, DISP_6_NoSuchMethodAndUnsupportedVersionAreTold) {
  serve({calculator()});
  const auto unknown = error_of("substract");
  EXPECT_EQ(unknown.exc_type(), "NoSuchMethod");
  EXPECT_EQ(unknown.failure().module, "oslo_messaging.rpc.dispatcher");
  EXPECT_EQ(unknown.value(), "Endpoint does not support RPC method substract");
  EXPECT_EQ(error_of(client.prepare({.version = "2.0"}), "add").exc_type(), "UnsupportedVersion");
}

TEST_F(RpcServerTest, DISP_7_AHiddenMethodIsLookedForInTheNextEndpointAndThenMissing) {
  serve({calculator()});
  EXPECT_EQ(error_of("_private").exc_type(), "NoSuchMethod");
}

TEST_F(RpcServerTest, DISP_12_MissingAndUnexpectedArgumentsAreNamed) {
  serve({calculator()});
  EXPECT_EQ(error_of("add", {{"a", 1}}).value(), "missing argument 'b'");
  EXPECT_EQ(error_of("add", {{"a", 1}, {"b", 2}, {"c", 3}}).value(), "unexpected argument 'c'");
  EXPECT_EQ(client.call("greet", {{"name", "Ada"}}), "hello Ada");
  EXPECT_EQ(client.call("greet", {{"name", "Ada"}, {"greeting", "good day"}}), "good day Ada");
}

TEST_F(RpcServerTest, DISP_13_PingAnswersWhenItIsEnabled) {
  serve({calculator()}, "s1", {.ping = true});
  EXPECT_EQ(client.call("oslo_rpc_server_ping"), "pong");
}

TEST_F(RpcServerTest, DISP_13_AMethodOfThatNameWinsAndIsWarnedOf) {
  test::CapturedLog log;
  Endpoint own("1.0");
  own.method("oslo_rpc_server_ping", {}, [] { return "mine"; });
  serve({own}, "s1", {.ping = true});
  EXPECT_EQ(client.call("oslo_rpc_server_ping"), "mine");
  EXPECT_EQ(client.call("gantry_ping"), "pong");
  EXPECT_EQ(std::ranges::count_if(log.lines(),
                                  [](const std::string& line) {
                                    return line.find("'oslo_rpc_server_ping'") != line.npos &&
                                           line.find("in place of") != line.npos;
                                  }),
            1);
}

TEST_F(RpcServerTest, DISP_21_AnIllTypedArgumentIsNamed) {
  serve({calculator()});
  const auto text = error_of("add", {{"a", 1}, {"b", "two"}}).value();
  EXPECT_NE(text.find("argument 'b' is of the wrong type"), std::string::npos) << text;
}

TEST_F(RpcServerTest, MSG_10_TheContextArrivesAndOnlyTheContext) {
  Endpoint contextual("1.0");
  contextual.method("context", {}, [](const Context& context) { return context.values; });
  serve({contextual});
  const Object context{{"user", "ada"}, {"msg_id", 1}, {"reply_q", "q"}, {"client_timeout", 5}};
  EXPECT_EQ(client.prepare({.context = context}).call("context"), Value(context));
}

// Time stands still, so nothing on the way waits for a tick of any clock.
TEST_F(RpcServerTest, RPLY_5_AReplyWakesItsCallerWithoutAClock) {
  ManualClock clock;
  serve({calculator()});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.call("add", {{"a", i}, {"b", 1}}), Value(i + 1));
  }
}

TEST_F(RpcServerTest, CLI_17_HeartbeatsKeepAMonitoredCallAlive) {
  ManualClock clock;
  std::latch entered(1);
  std::promise<void> release;
  Endpoint slow("1.0");
  slow.method("slow", {}, [&] {
    entered.count_down();
    release.get_future().wait();
    return "done";
  });
  serve({slow});
  auto timeline = std::make_shared<Timeline>();
  auto monitored = client.prepare({.timeout = 1h, .monitor = 2s});
  monitored.trace(timeline);
  auto call = monitored.call_async("slow");
  entered.wait();
  clock.advance(10min);
  EXPECT_FALSE(call.ready());
  EXPECT_EQ(timeline->furthest(), Stage::handling);
  release.set_value();
  EXPECT_EQ(call.get(), "done");
}

TEST_F(RpcServerTest, DISP_18_AThousandMonitoredCallsNeedNoThreadOfTheirOwn) {
  const test::CapturedLog log;  // many calls wait, which is warned of
  const auto threads = [] {
    using Entries = std::filesystem::directory_iterator;
    return std::distance(Entries("/proc/self/task"), Entries());
  };
  std::promise<void> release;
  auto released = release.get_future().share();
  Endpoint slow("1.0");
  std::atomic<int> entered = 0;
  std::latch both(2);
  slow.method("slow", {}, [&] {
    if (++entered <= 2) both.count_down();
    released.wait();
  });
  serve({slow}, "s1", {.workers = 2, .backlog = 2000});
  const auto monitored = client.prepare({.timeout = 1h, .monitor = 1h});
  std::vector<PendingCall> calls;
  const auto call = [&](int count) {
    for (int i = 0; i < count; ++i) calls.push_back(monitored.call_async("slow"));
  };
  call(2);
  both.wait();  // from here on both workers and the timer are there
  const auto before = threads();
  call(998);
  EXPECT_EQ(threads(), before);
  release.set_value();
  for (auto& pending : calls) pending.get();
}

TEST_F(RpcServerTest, CLI_15_ALateReplyDoesNotConfuseTheNextCall) {
  ManualClock clock;
  std::promise<void> release;
  std::latch entered(1);
  Endpoint endpoint("1.0");
  endpoint.method("slow", {}, [&] {
    entered.count_down();
    release.get_future().wait();
    return "late";
  });
  endpoint.method("quick", {}, [] { return "quick"; });
  serve({endpoint}, "s1", {.workers = 2});
  auto slow = client.prepare({.timeout = 5s}).call_async("slow");
  entered.wait();
  clock.advance(5s);
  EXPECT_THROW(slow.get(), MessagingTimeout);
  release.set_value();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.call("quick"), "quick");
}

TEST_F(RpcServerTest, CLI_20_ExchangesIsolate) {
  const std::optional<std::string> exchanges[] = {std::nullopt, "a", "b"};
  for (const auto& exchange : exchanges) {
    Endpoint endpoint("1.0");
    endpoint.method("where", {}, [exchange] { return exchange.value_or("default"); });
    servers.push_back(std::make_unique<RpcServer>(
        transport, Target{.exchange = exchange, .topic = "calc", .server = "s"},
        std::vector{endpoint}));
    servers.back()->start();
  }
  for (const auto& exchange : exchanges) {
    EXPECT_EQ(client.prepare({.exchange = exchange}).call<std::string>("where"),
              exchange.value_or("default"));
  }
}

TEST_F(RpcServerTest, CLI_24_ANestedCallEndsWithTheRequestThatItServes) {
  ManualClock clock;
  std::promise<void> release;
  Endpoint endpoint("1.0");
  std::latch entered(1);
  endpoint.method("inner", {}, [&] {
    entered.count_down();
    release.get_future().wait();
  });
  endpoint.method("outer", {}, [&] { return client.call("inner"); });
  endpoint.method("patient", {}, [&](const Context& context) {
    return client.prepare({.timeout = 1h}).call("left").as_int64() >
           std::chrono::ceil<std::chrono::seconds>(context.deadline.remaining()).count();
  });
  endpoint.method("left", {}, [](const Context& context) {
    return std::chrono::ceil<std::chrono::seconds>(context.deadline.remaining()).count();
  });
  endpoint.method("nested", {}, [&] { return client.call("left"); });
  serve({endpoint}, "s1", {.workers = 4});
  EXPECT_EQ(client.prepare({.timeout = 5s}).call("nested"), Value(5));
  EXPECT_EQ(client.prepare({.timeout = 5s}).call("patient"), Value(true)) << "the way out";
  EXPECT_TRUE(deadline_of_served_request().is_never());
  auto outer = client.prepare({.timeout = 10s}).call_async("outer");
  entered.wait();
  clock.advance(10s);
  EXPECT_THROW(outer.get(), MessagingTimeout);
  release.set_value();
}

TEST_F(RpcServerTest, CLI_19_AServerIsAddressedByName) {
  const auto named = [](const char* name) {
    Endpoint endpoint("1.0");
    endpoint.method("name", {}, [name] { return name; });
    return endpoint;
  };
  serve({named("one")}, "one");
  serve({named("two")}, "two");
  for (const auto* name : {"one", "two"}) {
    EXPECT_EQ(client.prepare({.server = name}).call("name"), name);
  }
}

TEST_F(RpcServerTest, DRV_4_AFanoutCastReachesEveryServer) {
  std::latch reached(3);
  for (const auto* name : {"one", "two", "three"}) {
    Endpoint endpoint("1.0");
    endpoint.method("refresh", {}, [&] { reached.count_down(); });
    serve({endpoint}, name);
  }
  client.prepare({.fanout = true}).cast("refresh");
  reached.wait();
}

TEST_F(RpcServerTest, CLI_22_CallsFromManyThreadsEachGetTheirOwnAnswer) {
  serve({calculator()});
  std::atomic<int> right = 0;
  std::vector<std::jthread> callers;
  for (std::int64_t t = 0; t < 16; ++t) {
    callers.emplace_back([&, t] {
      for (std::int64_t i = 0; i < 100; ++i) {
        right += client.call<std::int64_t>("add", {{"a", t * 1000}, {"b", i}}) == t * 1000 + i;
      }
    });
  }
  callers.clear();
  EXPECT_EQ(right, 1600);
}

TEST_F(RpcServerTest, SRV_3_ASecondStartDoesNothing) {
  auto& server = serve({calculator()});
  server.start();
  EXPECT_EQ(client.call("add", {{"a", 1}, {"b", 1}}), Value(2));
}

TEST_F(RpcServerTest, SRV_5_WaitReturnsWhenEveryAcceptedRequestIsAnswered) {
  std::promise<void> started;
  std::promise<void> release;
  auto released = release.get_future().share();
  Endpoint slow("1.0");
  slow.method("slow", {}, [&] {
    started.set_value();
    released.wait();
    return "done";
  });
  auto& server = serve({slow});
  auto call = client.call_async("slow");
  started.get_future().wait();
  server.stop();
  EXPECT_FALSE(call.ready()) << "stop does not wait for handlers";
  release.set_value();
  server.wait();
  EXPECT_EQ(call.get(), "done");
}

TEST_F(RpcServerTest, SRV_8_AServerCanBeStartedAgain) {
  auto& server = serve({calculator()});
  for (int cycle = 0; cycle < 3; ++cycle) {
    EXPECT_EQ(client.call("add", {{"a", cycle}, {"b", 1}}), Value(cycle + 1));
    server.stop();
    server.start();
  }
  server.stop();
  server.wait();
  server.start();
  EXPECT_EQ(client.call("add", {{"a", 1}, {"b", 1}}), Value(2));
}

TEST_F(RpcServerTest, SRV_12_AHandlerMayStopItsServer) {
  Endpoint endpoint("1.0");
  RpcServer* self = nullptr;
  endpoint.method("stop", {}, [&] { self->stop(); });
  self = &serve({endpoint});
  client.call("stop");
  self->wait();
}

TEST_F(RpcServerTest, SRV_13_AFailedStartLeavesTheServerIdle) {
  RpcServer nameless(transport, {.topic = "calc"}, {calculator()});
  EXPECT_THROW(nameless.start(), InvalidTarget);
  EXPECT_THROW(nameless.start(), InvalidTarget);
  nameless.stop();
  nameless.wait();
}

TEST_F(RpcServerTest, SRV_15_StopAndWaitOnAnIdleServerReturnAtOnce) {
  RpcServer idle(transport, {.topic = "calc", .server = "s"}, {calculator()});
  idle.stop();
  idle.wait();
}

TEST_F(RpcServerTest, SRV_16_AHandlerCannotWaitForItsOwnServer) {
  Endpoint endpoint("1.0");
  RpcServer* self = nullptr;
  endpoint.method("wait", {}, [&] { self->wait(); });
  self = &serve({endpoint});
  EXPECT_EQ(error_of("wait").exc_type(), "WouldDeadlock");
}

TEST_F(RpcServerTest, SRV_17_AFullBacklogStopsPullingAndLosesNothing) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> handled = 0;
  std::latch all(500);
  Endpoint slow("1.0");
  slow.method("note", {}, [&] {
    released.wait();
    ++handled;
    all.count_down();
  });
  serve({slow}, "s1", {.workers = 2, .backlog = 4});
  for (int i = 0; i < 500; ++i) client.cast("note");
  release.set_value();
  all.wait();
  EXPECT_EQ(handled, 500);
}

TEST_F(RpcServerTest, RPCS_17_ARequestWhoseCallerHasGivenUpIsNotDispatched) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> ran = 0;
  Endpoint endpoint("1.0");
  endpoint.method("block", {}, [&] { released.wait(); });
  endpoint.method("count", {}, [&] { return ++ran; });
  auto& server = serve({endpoint}, "s1", {.workers = 1, .backlog = 100});
  auto blocker = client.call_async("block");
  EXPECT_THROW(client.prepare({.timeout = 50ms}).call("count"), MessagingTimeout);
  release.set_value();
  blocker.get();
  server.stop();
  server.wait();
  EXPECT_EQ(ran, 0);
}

}  // namespace
}  // namespace gantry
