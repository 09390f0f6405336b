// SPDX-License-Identifier: Apache-2.0
// A server's life: start, stop, wait, and what becomes of the requests meanwhile.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "gantry/error.hpp"
#include "rpc_server_fixture.hpp"

namespace gantry {
namespace {

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

}  // namespace
}  // namespace gantry
