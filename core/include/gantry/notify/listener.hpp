// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"
#include "gantry/notify/endpoint.hpp"
#include "gantry/serializer.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"

namespace gantry {

struct ListenerOptions {
  // Listeners of one pool share the notifications, each pool gets its own copy; empty: the default
  // pool.
  std::string pool{};
  BatchOptions batch{};
  // Whether an endpoint may give notifications back. Without it, one that it wants back is lost,
  // which is logged and counted.
  bool allow_requeue = false;
  // How often one notification is delivered again before it is given up (NLSN-12).
  int max_redeliveries = 10;
  std::optional<std::size_t> workers{};  // default: the transport's executor_thread_pool_size
  std::size_t backlog = 0;               // batches that wait for a worker; 0: 2 × workers
  std::string executor = "threading";    // or "inline", as for an RpcServer
  std::shared_ptr<const Serializer> serializer{};  // null: nothing is changed
  std::chrono::milliseconds shutdown_timeout{60'000};
};

// Takes notifications of its targets' topics, for each priority that an endpoint has a function for
// (semantics §21). A notification is acknowledged after its endpoints have returned, so one is
// handled at least once. For any thread; handlers may call stop().
//
//   gantry::NotificationListener events(bus, {{.topic = "notifications"}}, {endpoint});
//   events.start();
class GANTRY_API NotificationListener {
 public:
  // Throws InvalidArgument for a batch size of 0 or no workers; UnsupportedFeature where
  // allow_requeue asks for what the driver does not have, or it has no pools; InvalidArgument when
  // no endpoint has a function.
  NotificationListener(Transport& transport, std::vector<Target> targets,
                       std::vector<NotificationEndpoint> endpoints, ListenerOptions options = {});
  ~NotificationListener();  // stop() and wait(); what no worker has begun by then is given back

  // Returns once subscribed; the rest as for an RpcServer. Throws InvalidTarget for a target
  // without a topic, ServerListenError.
  void start(Deadline deadline = Deadline::after(std::chrono::seconds(60)));
  void stop();
  void wait();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry
