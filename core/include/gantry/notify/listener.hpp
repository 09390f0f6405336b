// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
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
  // Endpoints that have handled a notification do not see it again when a later one gave it back
  // (NDSP-3), as long as it comes back to this listener.
  bool resume = false;
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
//   gantry::NotificationListener events(bus, {{.topic = "notifications"}});
//   events.on(gantry::Priority::info, [](const gantry::Notification& event) { … });
//   events.start();
//
// Where only listeners with a pool exist, notifications also pile up for the default pool (NLSN-9):
// have one listener without a pool, too.
class GANTRY_API NotificationListener {
 public:
  // Throws InvalidArgument for a batch size of 0 or no workers; UnsupportedFeature where
  // allow_requeue asks for what the driver does not have.
  NotificationListener(Transport& transport, std::vector<Target> targets,
                       ListenerOptions options = {});
  NotificationListener(Transport& transport, std::vector<Target> targets,
                       std::initializer_list<NotificationEndpoint> endpoints,
                       ListenerOptions options = {});
  ~NotificationListener();  // stop() and wait(); what no worker has begun by then is given back

  // Endpoints are asked in the order in which they were added. Before start().
  NotificationListener& add(NotificationEndpoint endpoint);
  // As NotificationEndpoint::on and on_batch, on an endpoint of its own that comes after the
  // others. Before start().
  template <class Function>
  requires std::invocable<Function&, const Notification&> NotificationListener& on(
      Priority priority, Function function) {
    own_endpoint().on(priority, std::move(function));
    return *this;
  }
  template <class Function>
  requires std::invocable<Function&, std::span<const Notification>> NotificationListener& on_batch(
      Priority priority, Function function) {
    own_endpoint().on_batch(priority, std::move(function));
    return *this;
  }

  // Returns once subscribed; the rest as for an RpcServer. Throws InvalidTarget for a target
  // without a topic, InvalidArgument when there is no target or no function, UnsupportedFeature
  // where the driver has no pools, ServerListenError.
  void start(Deadline deadline = Deadline::after(std::chrono::seconds(60)));
  void stop();
  void wait();

 private:
  class Impl;
  NotificationEndpoint& own_endpoint();
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry
