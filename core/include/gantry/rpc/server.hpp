// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"
#include "gantry/rpc/access_policy.hpp"
#include "gantry/rpc/endpoint.hpp"
#include "gantry/serializer.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"

namespace gantry {

struct ServerOptions {
  // Threads at the most, started on demand (executor_thread_pool_size); default: the transport's.
  std::optional<std::size_t> workers{};
  std::size_t backlog = 0;  // requests that wait for a worker before pulling stops; 0: 2 × workers
  // Answer oslo_rpc_server_ping and gantry_ping with "pong" (rpc_ping_enabled); default: the
  // transport's.
  std::optional<bool> ping{};
  // "threading", or "inline": on the listener's thread, one request after the other, which is for
  // tests, since a handler then holds up the whole connection. Over fake:// a caller that waits
  // takes the listener's part while that is idle, and runs the method itself: then nothing changes
  // threads, and a method that takes longer than its caller's timeout keeps the caller as long.
  std::string executor = "threading";
  std::shared_ptr<const AccessPolicy> access_policy{};  // null: DefaultAccessPolicy
  std::shared_ptr<const Serializer> serializer{};       // null: nothing is changed
  // How long the destructor lets requests begin that wait for a worker.
  std::chrono::milliseconds shutdown_timeout{60'000};
};

// Serves the methods of its endpoints on a topic (semantics §12 to §14). A request is acknowledged,
// then dispatched to a worker, then answered: it runs at most once. For any thread; handlers may
// call stop().
//
//   gantry::RpcServer server(bus, {.topic = "calc", .server = "node-1"}, {calc});
//   server.start();
class GANTRY_API RpcServer {
 public:
  // The endpoints are tried in order. Throws InvalidArgument for workers = 0, ExecutorLoadFailure.
  RpcServer(Transport& transport, Target target, std::vector<Endpoint> endpoints,
            ServerOptions options = {});
  // stop() and wait(); requests that no worker has begun by the shutdown_timeout are dropped, and a
  // log line tells how many. Not from within a handler.
  ~RpcServer();

  // Returns once subscribed; harmless when running. After stop() it starts a new cycle. Throws
  // InvalidTarget, UnsupportedFeature, ServerListenError with what the driver said, and
  // MessagingTimeout when it could not subscribe by `deadline`; the server is idle then.
  void start(Deadline deadline = Deadline::after(std::chrono::seconds(60)));

  // On return no further request is accepted; accepted ones run on. Harmless when idle.
  void stop();

  // Blocks until the server has been stopped and every accepted request is answered, then releases
  // the subscription. Returns at once when idle. Throws WouldDeadlock from within a handler.
  void wait();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry
