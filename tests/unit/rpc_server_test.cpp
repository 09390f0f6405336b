// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <latch>
#include <thread>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/rpc/context.hpp"
#include "rpc_server_fixture.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

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

TEST_F(RpcServerTest, CLI_23_ACancelledCallIsUnderWayNoMore) {
  std::promise<void> release;
  std::latch entered(1);
  Endpoint slow("1.0");
  slow.method("block", {}, [&] {
    entered.count_down();
    release.get_future().wait();
  });
  auto& server = serve({slow});
  auto pending = client.call_async("block");
  entered.wait();
  EXPECT_TRUE(pending.cancel());
  const auto counts = transport.ledger().counts();
  EXPECT_EQ(counts.of(Sending::closed), 1U);
  EXPECT_EQ(counts.sends_under_way(), 0U) << "the driver waits no longer for the answer";
  release.set_value();
  server.stop();
  server.wait();
  EXPECT_THROW(pending.get(), OperationCancelled);
  EXPECT_EQ(transport.ledger().counts().of(Sending::answered), 0U) << "the late answer is dropped";
}

TEST_F(RpcServerTest, SRV_21_AnInlineMethodRunsOnTheThreadOfACallerThatWaitsAndOfNoOther) {
  std::atomic<std::thread::id> ran_on;
  Endpoint where("1.0");
  where.method("where", {}, [&] { ran_on = std::this_thread::get_id(); });
  serve({where}, "s1", {.executor = "inline"});
  do {
    client.call("where");
  } while (ran_on.load() != std::this_thread::get_id());
  for (int i = 0; i < 100; ++i) {
    client.call_async("where").get();
    EXPECT_NE(ran_on.load(), std::this_thread::get_id());
  }
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
