// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace gantry::faults {

// What the test that starts a load asks of it.
inline std::string setting(const char* name, const std::string& otherwise) {
  const char* const set = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return set != nullptr ? set : otherwise;
}
inline std::int64_t number(const char* name, std::int64_t otherwise) {
  return std::stoll(setting(name, std::to_string(otherwise)));
}

}  // namespace gantry::faults
