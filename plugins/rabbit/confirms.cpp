// SPDX-License-Identifier: Apache-2.0
#include "confirms.hpp"

#include <algorithm>
#include <utility>

namespace gantry::rabbit {

void Confirms::settle(const Confirm& confirm, const Settled& settled) {
  if (confirm.tag < first_tag_ || confirm.tag - first_tag_ >= window_.size()) return;
  const auto index = static_cast<std::size_t>(confirm.tag - first_tag_);
  for (std::size_t i = confirm.multiple ? 0 : index; i <= index; ++i)
    settle_one(window_[i], confirm.accepted, settled);
  while (!window_.empty() && !window_.front().publish) {
    window_.pop_front();
    ++first_tag_;
  }
}

void Confirms::settle_one(Unconfirmed& entry, bool accepted, const Settled& settled) {
  if (!entry.publish) return;
  const auto settling = std::exchange(entry, {});
  --open_;
  settled(settling, accepted);
}

// A return comes before the confirm of its publish and does not carry the tag, so it is recognised
// by the message id.
void Confirms::note_return(const Returned& returned) {
  for (auto& entry : window_) {
    if (!entry.publish || entry.publish->content().unique_id != returned.message_id) continue;
    entry.returned = returned.reason;
    return;
  }
}

bool Confirms::wanted() const noexcept {
  return std::ranges::any_of(
      window_, [](const Unconfirmed& entry) { return entry.publish && !entry.publish->over(); });
}

std::vector<PublishPtr> Confirms::reset() {
  std::vector<PublishPtr> open;
  for (auto& entry : window_)
    if (entry.publish) open.push_back(std::move(entry.publish));
  window_.clear();
  first_tag_ = 1;
  open_ = 0;
  return open;
}

}  // namespace gantry::rabbit
