// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gantry/clock.hpp"
#include "gantry/deadline.hpp"
#include "gantry/json.hpp"

namespace gantry::faults {

// When there were faults, each with the time that recovery from it may take. [any thread]
class FaultTimes {
 public:
  using Time = Clock::time_point;

  void begin();
  void end(std::chrono::milliseconds recovery);
  bool overlap(Time from, Time to) const;

 private:
  struct Span {
    Time from;
    Time to;
  };
  mutable std::mutex mutex_;
  std::vector<Span> spans_;  // guarded by mutex_; the last one's end is open during a fault
};

// What became of the numbered messages of one verb in a long run. Its memory is taken at the start,
// so that what grows later is the library's. [any thread]
class Journal {
 public:
  static constexpr std::size_t kMostReceivers = 2;

  // Each message is for every one of `receivers`.
  Journal(std::size_t messages, std::size_t receivers);

  void began(std::size_t id);
  void ended(std::size_t id, const std::exception_ptr& error);  // null: it was accepted
  void delivered(std::size_t id, std::size_t receiver = 0);

  // Waits until every message that was begun has ended, and what was accepted is delivered.
  bool wait_settled(Deadline deadline);

  std::size_t begun() const;  // messages so far
  // Of the messages from `first` on; latencies of those that no fault has touched.
  Object report(const FaultTimes& faults, std::size_t first = 0) const;

 private:
  enum class End : std::uint8_t { none, accepted, in_doubt, failed };
  struct Entry {
    std::uint32_t began_ms = 0;  // since the journal was opened
    std::uint32_t took_us = 0;
    bool began = false;
    End end = End::none;
    std::array<std::uint8_t, kMostReceivers> deliveries{};
  };
  struct Latencies;

  bool settled() const;
  bool missed(const Entry& entry) const;
  Latencies latencies(const FaultTimes& faults, std::size_t first) const;

  const Clock::time_point opened_ = Clock::now();
  const std::size_t receivers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry> entries_;  // guarded by mutex_, as all below
  std::size_t begun_ = 0;
  std::map<std::string, std::size_t> errors_;
  std::map<std::string, std::string> examples_;  // the first text of each error
};

}  // namespace gantry::faults
