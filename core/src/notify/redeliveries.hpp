// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/kit/recent.hpp"
#include "gantry/kit/timer.hpp"

namespace gantry {

// Gives notifications back, later each time, and not for ever (NLSN-12), and knows which endpoints
// need not see them again (NDSP-3). Both by message id, for the most recent ids. For any thread.
class Redeliveries {
 public:
  using Endpoints = std::vector<std::size_t>;  // their places in the listener's order

  explicit Redeliveries(int most);
  Redeliveries(const Redeliveries&) = delete;
  Redeliveries& operator=(const Redeliveries&) = delete;
  ~Redeliveries();  // give_back_now()

  // Takes the message and gives it back after a pause that doubles from 0.1 s to 30 s. False, and
  // the message stays with the caller: it was delivered too often already.
  bool give_back(std::unique_ptr<IncomingMessage>& message, const std::string& id,
                 Endpoints handled_by);

  // What waits for its pause to end is given back at once.
  void give_back_now();

  // The endpoints that handled it before it was given back.
  Endpoints handled_by(const std::string& id) const;

  // It was handled at last.
  void forget(const std::string& id);

 private:
  struct Waiting;
  struct Record {
    int given_back = 0;
    Endpoints handled_by{};
  };

  static constexpr std::size_t kRemembered = 10'000;

  // None: it came too often. Without an id every one is the first.
  std::optional<std::chrono::milliseconds> next_pause(const std::string& id, Endpoints handled_by);

  const int most_;
  const std::shared_ptr<Timer> timer_ = Timer::shared();
  const std::shared_ptr<Waiting>
      waiting_;  // shared with the timer's callbacks, which may outlive this
  mutable std::mutex mutex_;
  Recent<Record> records_{kRemembered};  // guarded by mutex_
};

}  // namespace gantry
