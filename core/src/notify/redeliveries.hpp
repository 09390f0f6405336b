// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/kit/timer.hpp"

namespace gantry {

// Gives notifications back, later each time, and not for ever (NLSN-12). Counts by message id, for
// the most recent ids. For any thread.
class Redeliveries {
 public:
  explicit Redeliveries(int most);
  Redeliveries(const Redeliveries&) = delete;
  ~Redeliveries();  // what waits is given back at once

  // Takes the message and gives it back after a pause that doubles from 0.1 s to 30 s. False, and
  // the message stays with the caller: it was delivered too often already.
  bool give_back(std::unique_ptr<IncomingMessage>& message, const std::string& id);

  // It was handled at last.
  void forget(const std::string& id);

 private:
  struct Waiting;

  static constexpr std::size_t kRemembered = 10'000;

  std::optional<std::chrono::milliseconds> next_pause(const std::string& id);

  const int most_;
  const std::shared_ptr<Timer> timer_ = Timer::shared();
  // Shared with the timer's callbacks, which may outlive this.
  const std::shared_ptr<Waiting> waiting_;
  std::mutex mutex_;
  std::unordered_map<std::string, int> counts_;  // guarded by mutex_, as the next
  std::deque<std::string> order_;
};

}  // namespace gantry
