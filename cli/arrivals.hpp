// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gantry/deadline.hpp"

namespace gantry::cli {

// What arrived where: handlers note it, somebody else waits for it. [any thread]
class Arrivals {
 public:
  void add(std::string place, std::string token) {
    const std::lock_guard lock(mutex_);
    arrived_.emplace_back(std::move(place), std::move(token));
    changed_.notify_all();
  }

  // The places that `token` came to, once it came `count` times or the deadline has passed.
  std::vector<std::string> places(const std::string& token, std::size_t count, Deadline deadline) {
    std::unique_lock lock(mutex_);
    deadline.wait(changed_, lock, [&] { return given_up_ || places_of(token).size() >= count; });
    return places_of(token);
  }

  // Ends all waits, also later ones.
  void give_up() {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
    changed_.notify_all();
  }

 private:
  std::vector<std::string> places_of(const std::string& token) const {
    std::vector<std::string> found;
    for (const auto& [place, each] : arrived_) {
      if (each == token) found.push_back(place);
    }
    return found;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::string>> arrived_;  // guarded by mutex_, as the next
  bool given_up_ = false;
};

}  // namespace gantry::cli
