// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gantry::cli {

// What is said before or after any verb.
struct Globals {
  bool json = false;
  bool quiet = false;
  int verbosity = 0;
  std::string config{};     // a YAML file; empty: none
  std::string transport{};  // the name of one of its transports
};

}  // namespace gantry::cli
