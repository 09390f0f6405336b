// SPDX-License-Identifier: Apache-2.0
#include "offsets.hpp"

#include <algorithm>
#include <utility>

namespace gantry::kafka {

void Offsets::received(std::int64_t offset) {
  records_.push_back({offset, false});
  ++unsettled_;
}

void Offsets::settle(std::int64_t offset) {
  const auto found = std::ranges::lower_bound(records_, offset, {}, &Record::offset);
  if (found == records_.end() || found->offset != offset || found->settled) return;
  found->settled = true;
  --unsettled_;
  while (!records_.empty() && records_.front().settled) {
    position_ = records_.front().offset + 1;
    told_ = false;
    records_.pop_front();
  }
}

void Offsets::forget(std::int64_t offset) {
  while (!records_.empty() && records_.back().offset >= offset) {
    if (!records_.back().settled) --unsettled_;
    records_.pop_back();
  }
}

std::optional<std::int64_t> Offsets::take_position() {
  return std::exchange(told_, true) ? std::nullopt : position_;
}

}  // namespace gantry::kafka
