// SPDX-License-Identifier: Apache-2.0
#include "routes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "../ascii.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

template <class Prepare>
std::optional<std::vector<Glob>> globs(const std::optional<std::vector<std::string>>& patterns,
                                       Prepare prepare) {
  if (!patterns) return std::nullopt;
  std::vector<Glob> all;
  for (const auto& pattern : *patterns) all.emplace_back(prepare(pattern));
  return all;
}

bool accepts(const std::optional<std::vector<Glob>>& globs, std::string_view text) {
  return !globs ||
         std::ranges::any_of(*globs, [&](const Glob& glob) { return glob.matches(text); });
}

}  // namespace

Route::Route(std::string name, std::shared_ptr<NotifyDriver> driver)
    : name_(std::move(name)), driver_(std::move(driver)) {}

void Route::add(const RoutingRules& rules) {
  any_of_.push_back(
      {globs(rules.accepted_events, std::identity()),
       globs(rules.accepted_priorities, [](const std::string& text) { return lower(text); })});
}

bool Route::accepts(std::string_view event_type, std::string_view priority) const {
  return std::ranges::any_of(any_of_, [&](const Rules& rules) {
    return gantry::accepts(rules.events, event_type) && gantry::accepts(rules.priorities, priority);
  });
}

void check_routing_pattern(std::string_view pattern) { const Glob refused_or_not(pattern); }

Routes routes_of(const RoutingTable& table, const RoutingNotifyDriver::Factory& make) {
  Routes routes;
  for (const auto& [group, drivers] : table) {
    for (const auto& [name, rules] : drivers) {
      if (name == "routing") {
        log(LogLevel::warning,
            "the routing group '" + printable(group, 80) + "' names 'routing' itself: left out");
        continue;
      }
      auto route = std::ranges::find(routes, name, &Route::name);
      if (route == routes.end()) route = routes.emplace(route, name, make(name));
      route->add(rules);
    }
  }
  return routes;
}

}  // namespace gantry
