// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/notify/routing.hpp"
#include "glob.hpp"

namespace gantry {

// A routing table made ready: a driver with all its rules, whatever groups they were in.
class Route {
 public:
  Route(std::string name, std::shared_ptr<NotifyDriver> driver);

  void add(const RoutingRules& rules);
  bool accepts(std::string_view event_type, std::string_view priority) const;

  const std::string& name() const { return name_; }
  NotifyDriver& driver() const { return *driver_; }

 private:
  using Globs = std::optional<std::vector<Glob>>;
  struct Rules {
    Globs events;
    Globs priorities;
  };

  std::string name_;
  std::shared_ptr<NotifyDriver> driver_;  // may be one that the program uses elsewhere too
  std::vector<Rules> any_of_;
};

using Routes = std::vector<Route>;

// Makes each driver that the table names, but "routing". Throws ConfigurationError for a pattern
// that is none, and what `make` throws.
Routes routes_of(const RoutingTable& table, const RoutingNotifyDriver::Factory& make);

}  // namespace gantry
