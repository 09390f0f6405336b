// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/routing.hpp"

#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "routes.hpp"
#include "together.hpp"

namespace gantry {
namespace {

// This thread asks a source. What it notifies meanwhile, a log line perhaps, is not routed: it
// would wait for itself.
constinit thread_local bool asking = false;

class Asking {
 public:
  Asking() { asking = true; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { asking = false; }
};

void tell(const Route& route, const Notification& notification) {
  if (!log_enabled(LogLevel::info)) return;
  log(LogLevel::info, "the notification '" + printable(notification.event_type, 200) +
                          "' goes to the driver '" + printable(route.name(), 80) + "'");
}

}  // namespace

class RoutingNotifyDriver::Impl {
 public:
  Impl(RoutingSource source, Factory make) : source_(std::move(source)), make_(std::move(make)) {}

  // Those in force; read now if nobody has done so. Throws why there are none.
  std::shared_ptr<const Routes> routes() {
    std::call_once(first_, [this] { read_first(); });
    const std::lock_guard lock(mutex_);
    if (!routes_) std::rethrow_exception(failure_);
    return routes_;
  }

  void reload() {
    const auto turn = next_turn();
    auto routes = std::make_shared<const Routes>(read());
    const std::lock_guard lock(mutex_);  // let go before the old routes are
    if (turn < turn_in_force_) return;   // who began later has read later
    turn_in_force_ = turn;
    routes_.swap(routes);
  }

 private:
  void read_first() noexcept {
    try {
      if (!has_routes()) reload();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  Routes read() const {
    const Asking now;
    const auto table = source_ ? source_() : RoutingTable();
    auto routes = routes_of(table, make_);
    if (routes.empty()) {
      log(LogLevel::warning,
          "the notify driver 'routing' has no rules: what it gets goes nowhere (name a file with "
          "routing_config, or a source in NotifierOptions::routing)");
    }
    return routes;
  }

  bool has_routes() {
    const std::lock_guard lock(mutex_);
    return routes_ != nullptr;
  }

  std::uint64_t next_turn() {
    const std::lock_guard lock(mutex_);
    return ++turns_;
  }

  const RoutingSource source_;
  const Factory make_;
  std::once_flag first_;
  std::mutex mutex_;
  std::shared_ptr<const Routes> routes_;  // guarded by mutex_, as the next; kept by who uses them
  std::exception_ptr failure_;            // of the first reading, while there are no routes
  std::uint64_t turns_ = 0;
  std::uint64_t turn_in_force_ = 0;
};

RoutingNotifyDriver::RoutingNotifyDriver(Transport& transport, std::vector<std::string> topics,
                                         RoutingSource source)
    : RoutingNotifyDriver(std::move(source),
                          [&transport, topics = std::move(topics)](std::string_view name) {
                            return make_notify_driver(name, transport, topics);
                          }) {}

RoutingNotifyDriver::RoutingNotifyDriver(RoutingSource source, Factory make)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(make))) {}

RoutingNotifyDriver::~RoutingNotifyDriver() = default;

void RoutingNotifyDriver::notify(Notification notification, Priority priority,
                                 const SendOptions& options, Completion<void>&& done) {
  if (asking) return done.succeed();
  const auto routes = impl_->routes();
  std::vector<const Route*> chosen;
  for (const auto& route : *routes) {
    if (route.accepts(notification.event_type, to_string(priority))) chosen.push_back(&route);
  }
  tell_each(chosen, std::move(notification), std::move(done),
            [&](const Route* route, Notification&& own, Completion<void>&& one) {
              tell(*route, own);
              route->driver().notify(std::move(own), priority, options, std::move(one));
            });
}

void RoutingNotifyDriver::reload() { impl_->reload(); }

}  // namespace gantry
