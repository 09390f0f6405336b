// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "gantry/deadline.hpp"
#include "gantry/notify/endpoint.hpp"

namespace gantry::cli {

// Prints notifications until there were enough of them, and says which of them are to be given
// back or left. Each is printed before it is acknowledged. [any thread]
class Listening {
 public:
  struct Rules {
    std::optional<std::size_t> most{};  // to print
    bool requeue_once = false;
    bool json = false;
    NotificationResult spare = NotificationResult::requeue;  // what becomes of what is not printed
  };

  explicit Listening(Rules rules) : rules_(rules) {}

  NotificationEndpoint::Results take(std::span<const Notification> group);

  // Ends the wait; what comes still is taken.
  void stop();
  // Until stop(), or there were enough, or stdout takes no more. False: the deadline came first.
  bool wait(Deadline deadline);

  std::size_t printed() const;

 private:
  NotificationResult take(const Notification& notification);
  bool is_enough() const { return rules_.most && printed_ >= *rules_.most; }

  const Rules rules_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t printed_ = 0;           // guarded by mutex_, as all below
  std::set<std::string> given_back_;  // ids of those that are to come again
  bool stopped_ = false;
};

}  // namespace gantry::cli
