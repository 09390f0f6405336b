// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frames.hpp"
#include "publish.hpp"

namespace gantry::rabbit {

// What was published on a channel and not confirmed yet, by delivery tag: the broker numbers the
// publishes of a channel from 1.
class Confirms {
 public:
  struct Unconfirmed {
    PublishPtr publish{};                   // null: settled already, out of order
    std::optional<std::string> returned{};  // the reason, when the broker gave it back
  };
  using Settled = std::function<void(const Unconfirmed&, bool accepted)>;

  void published(PublishPtr publish) {
    window_.push_back({std::move(publish)});
    ++open_;
  }
  void settle(const Confirm& confirm, const Settled& settled);
  void note_return(const Returned& returned);

  std::size_t open() const noexcept { return open_; }
  bool wanted() const noexcept;  // somebody waits for at least one of them
  // Forgets all, for a new channel, and gives back what was open, oldest first.
  std::vector<PublishPtr> reset();

 private:
  void settle_one(Unconfirmed& entry, bool accepted, const Settled& settled);

  std::uint64_t first_tag_ = 1;     // of window_.front()
  std::deque<Unconfirmed> window_;  // without gaps
  std::size_t open_ = 0;            // those with a publish
};

}  // namespace gantry::rabbit
