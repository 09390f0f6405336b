// SPDX-License-Identifier: Apache-2.0
#pragma once

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

// Both ends' log of numbered messages, and what Jepsen's total-queue checker would say of it.
// Every method is for any thread.
class Tally {
 public:
  explicit Tally(std::size_t count) : operations_(count) {}

  void began(std::size_t id);
  void ended(std::size_t id, const std::exception_ptr& error);  // null: it was accepted
  void delivered(std::size_t id);
  void answered_wrongly(std::size_t id);  // the caller got what is not its own

  // A fault is over; recovery counts from here, and of several faults the slowest is reported.
  void healed();

  // Waits until all that was accepted has been delivered, what is in doubt as well where that is
  // said; false when the deadline came first.
  bool wait_delivered(Deadline deadline, bool doubtful_too);
  Object report() const;

 private:
  using Time = Clock::time_point;
  enum class End { open, accepted, in_doubt, failed };
  struct Operation {
    End end = End::open;
    Time began{};
    Time ended{};
    std::size_t deliveries = 0;
    bool answered_wrongly = false;
    Time delivered{};  // the last time
  };

  bool all_delivered(bool doubtful_too) const;
  double recovery() const;
  double recovery_from(Time healed) const;
  bool after_fault(const Operation& operation) const;
  double longest_gap() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Operation> operations_;  // guarded by mutex_, as all below
  std::vector<Time> successes_;        // in their order
  std::map<std::string, std::size_t> errors_;
  std::map<std::string, std::string> examples_;  // the first text of each error
  std::vector<Time> healed_;
};

}  // namespace gantry::faults
