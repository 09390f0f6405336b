// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/dedup.hpp"

namespace gantry {

bool RecentIds::remember(std::string_view id) {
  if (id.empty() || depth_ == 0) return true;
  if (known_.refresh(id)) return false;
  known_[id];
  return true;
}

void RecentIds::forget(std::string_view id) { known_.erase(id); }

}  // namespace gantry
