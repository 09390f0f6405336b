// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"

namespace gantry::conformance {

std::string_view name_of(Feature feature) noexcept {
  if (feature == kRpc) return "rpc";
  if (feature == kNotifications) return "notifications";
  if (feature == kPools) return "pools";
  if (feature == kRequeue) return "requeue";
  if (feature == kCallMonitor) return "call_monitor";
  if (feature == kAtLeastOnce) return "at_least_once";
  return "fanout_by_exchange";
}

// The simple ones first: where they fail, there is little use in the others.
std::vector<Theme> all_themes() {
  return {addressing(), reply(),     fanout(),      balance(),       ordering(), deadline(),
          monitor(),    batch(),     lifecycle(),   notifications(), pools(),    requeue(),
          events(),     bad_input(), concurrency(), unsupported(),   leaks()};
}

}  // namespace gantry::conformance
