// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/dedup.hpp"

namespace gantry {

bool RecentIds::remember(std::string_view id) {
  if (id.empty() || depth_ == 0) return true;
  if (const auto known = index_.find(id); known != index_.end()) {
    newest_first_.splice(newest_first_.begin(), newest_first_, known->second);
    return false;
  }
  if (newest_first_.size() == depth_) forget(newest_first_.back());
  newest_first_.emplace_front(id);
  index_.emplace(newest_first_.front(), newest_first_.begin());
  return true;
}

void RecentIds::forget(std::string_view id) {
  const auto known = index_.find(id);
  if (known == index_.end()) return;
  const auto place = known->second;  // the index's key is a view into it, so it goes last
  index_.erase(known);
  newest_first_.erase(place);
}

}  // namespace gantry
