// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "mock_cluster.hpp"

namespace gantry::cli {

// What the cluster is told to do, a line a command: "down 1", "errors produce REQUEST_TIMED_OUT 5".
// Throws CommandError when it cannot be done.
void obey(MockCluster& cluster, std::string_view line);

std::string command_help();

struct NewTopic {
  std::string name{};
  int partitions = 0;
};

// Reads "NAME:PARTITIONS". Throws CommandError (usage).
NewTopic parse_topic(const std::string& text);

}  // namespace gantry::cli
