// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/priority.hpp"

#include <algorithm>

#include "../ascii.hpp"

namespace gantry {

std::string_view to_string(Priority priority) noexcept {
  switch (priority) {
    case Priority::audit:
      return "audit";
    case Priority::debug:
      return "debug";
    case Priority::info:
      return "info";
    case Priority::warn:
      return "warn";
    case Priority::error:
      return "error";
    case Priority::critical:
      return "critical";
    case Priority::sample:
      return "sample";
  }
  return "info";
}

std::optional<Priority> priority_of(std::string_view text) noexcept {
  const auto is = [&](std::string_view name) {
    return std::ranges::equal(text, name, {}, [](char c) { return lower(c); });
  };
  for (const auto priority : kPriorities) {
    if (is(to_string(priority))) return priority;
  }
  if (is("warning")) return Priority::warn;
  return std::nullopt;
}

}  // namespace gantry
