// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"
#include "gantry/rpc/endpoint.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"

namespace gantry {

struct ServerOptions {
  std::size_t workers = 64;  // executor_thread_pool_size: threads at the most, started on demand
  std::size_t backlog = 0;  // requests that wait for a worker before pulling stops; 0: 2 × workers
  bool ping = false;        // rpc_ping_enabled: answer oslo_rpc_server_ping with "pong"
};

// Serves the methods of its endpoints on a topic (semantics §12 to §14). A request is acknowledged,
// then dispatched to a worker, then answered: it runs at most once. For any thread; handlers may
// call stop().
//
//   gantry::RpcServer server(bus, {.topic = "calc", .server = "node-1"}, {calc});
//   server.start();
class GANTRY_API RpcServer {
 public:
  // The endpoints are tried in order. Throws InvalidArgument for workers = 0.
  RpcServer(Transport& transport, Target target, std::vector<Endpoint> endpoints,
            ServerOptions options = {});
  ~RpcServer();  // stop() and wait()

  // Returns once subscribed; harmless when running. After stop() it starts a new cycle. Throws
  // InvalidTarget, UnsupportedFeature, and what the driver says when it cannot subscribe by
  // `deadline`.
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
