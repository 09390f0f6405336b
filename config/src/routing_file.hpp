// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "gantry/config.hpp"

namespace gantry {

struct RoutingReport {
  RoutingTable table{};                   // of use only without problems
  std::vector<ConfigProblem> problems{};  // in the order of the file
};

// Reads a routing file; throws nothing because of it.
RoutingReport check_routing_table(const std::filesystem::path& file);

}  // namespace gantry
