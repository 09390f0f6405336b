// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace gantry::kafka {

// Which records of one partition are settled. A group's position is one number, so only what lies
// before the first unsettled record can be committed. Not thread-safe.
class Offsets {
 public:
  // Offsets come in ascending order; they may have gaps (compaction, transactions).
  void received(std::int64_t offset);
  void settle(std::int64_t offset);  // one that was not received is passed over
  void forget(std::int64_t offset);  // it was not received after all, nor is any behind it

  // The offset behind all that is settled without a gap, when it has moved since the last call.
  std::optional<std::int64_t> take_position();
  void tell_again() noexcept { told_ = false; }  // as if it had moved
  std::size_t unsettled() const noexcept { return unsettled_; }

 private:
  struct Record {
    std::int64_t offset;
    bool settled;
  };
  std::deque<Record> records_;
  std::size_t unsettled_ = 0;
  std::optional<std::int64_t> position_;
  bool told_ = false;
};

}  // namespace gantry::kafka
