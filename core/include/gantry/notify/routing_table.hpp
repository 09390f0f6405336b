// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/export.hpp"

namespace gantry {

// Which notifications a driver gets, as shell globs over the whole text: `*` (dots too), `?`,
// `[set]`, `[!set]`. Both rules have to accept, each by any of its patterns. A rule that is left
// out accepts all; one without patterns accepts nothing (ROUT-3, 5, 6).
struct RoutingRules {
  std::optional<std::vector<std::string>> accepted_events{};
  std::optional<std::vector<std::string>> accepted_priorities{};  // in any case

  friend bool operator==(const RoutingRules&, const RoutingRules&) = default;
};

// Groups by name, of drivers by name. One that several groups select is called once (ROUT-4).
//
//   gantry::RoutingTable{{"errors", {{"messaging", {.accepted_priorities = {{"error"}}}}}}}
using RoutingTable = std::map<std::string, std::map<std::string, RoutingRules>>;

// Where a table comes from, such as a file: asked at the first notification and at each reload, by
// whichever thread that is. May throw.
using RoutingSource = std::function<RoutingTable()>;

// Throws ConfigurationError for what is no glob, as "[z-a]". [any thread]
GANTRY_API void check_routing_pattern(std::string_view pattern);

}  // namespace gantry
