// SPDX-License-Identifier: Apache-2.0
#include "priorities.hpp"

#include "errors.hpp"

namespace gantry::cli {

std::string known_priorities() {
  std::string names;
  for (const auto priority : kPriorities) {
    names += (names.empty() ? "" : ", ") + std::string(to_string(priority));
  }
  return names;
}

Priority parse_priority(const std::string& text) {
  if (const auto priority = priority_of(text)) return *priority;
  throw CommandError(ExitCode::usage,
                     "'" + text + "' is not a priority; known: " + known_priorities());
}

}  // namespace gantry::cli
