// SPDX-License-Identifier: Apache-2.0
#include "tally.hpp"

#include <algorithm>
#include <chrono>

#include "error_kind.hpp"

namespace gantry::faults {
namespace {

constexpr std::size_t kMostNamed = 100;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Tally::began(std::size_t id) {
  const std::lock_guard lock(mutex_);
  operations_[id].began = Clock::now();
}

void Tally::ended(std::size_t id, const std::exception_ptr& error) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  auto& operation = operations_[id];
  operation.ended = now;
  if (!error) {
    operation.end = End::accepted;
    successes_.push_back(now);
    return;
  }
  const auto kind = kind_of(error);
  operation.end = kind.in_doubt ? End::in_doubt : End::failed;
  ++errors_[kind.name];
  examples_.emplace(kind.name, kind.text);
}

void Tally::delivered(std::size_t id) {
  const std::lock_guard lock(mutex_);
  if (id >= operations_.size()) return;
  ++operations_[id].deliveries;
  operations_[id].delivered = Clock::now();
  changed_.notify_all();
}

void Tally::answered_wrongly(std::size_t id) {
  const std::lock_guard lock(mutex_);
  operations_[id].answered_wrongly = true;
}

void Tally::healed() {
  const std::lock_guard lock(mutex_);
  healed_.push_back(Clock::now());
}

bool Tally::all_delivered(bool doubtful_too) const {
  return std::ranges::all_of(operations_, [&](const Operation& operation) {
    const bool due =
        operation.end == End::accepted || (doubtful_too && operation.end == End::in_doubt);
    return !due || operation.deliveries > 0;
  });
}

bool Tally::wait_delivered(Deadline deadline, bool doubtful_too) {
  std::unique_lock lock(mutex_);
  return deadline.wait(changed_, lock, [&] { return all_delivered(doubtful_too); });
}

// Of the slowest; -1 where a fault had no success after it, 0 without a fault.
double Tally::recovery() const {
  double slowest = 0;
  for (const auto healed : healed_) {
    const auto this_one = recovery_from(healed);
    if (this_one < 0) return this_one;
    slowest = std::max(slowest, this_one);
  }
  return slowest;
}

double Tally::recovery_from(Time healed) const {
  const auto first = std::ranges::upper_bound(successes_, healed);
  return first == successes_.end() ? -1 : seconds(*first - healed);
}

bool Tally::after_fault(const Operation& operation) const {
  return !healed_.empty() && operation.began > healed_.back();
}

double Tally::longest_gap() const {
  Clock::duration longest{};
  for (std::size_t i = 1; i < successes_.size(); ++i)
    longest = std::max(longest, successes_[i] - successes_[i - 1]);
  return seconds(longest);
}

Object Tally::report() const {
  const std::lock_guard lock(mutex_);
  const auto count = [this](auto what) { return std::ranges::count_if(operations_, what); };
  Clock::duration longest{};
  for (const auto& operation : operations_)
    longest = std::max(longest, operation.ended - operation.began);
  Object errors;
  for (const auto& [name, times] : errors_) errors[name] = times;
  Object examples;
  for (const auto& [name, text] : examples_) examples[name] = text;
  const auto is_lost = [](const Operation& operation) {
    return operation.end == End::accepted && operation.deliveries == 0;
  };
  Array missed;
  for (std::size_t id = 0; id < operations_.size() && missed.size() < kMostNamed; ++id)
    if (is_lost(operations_[id])) missed.emplace_back(id);
  return {
      {"attempted", operations_.size()},
      {"accepted", count([](auto& o) { return o.end == End::accepted; })},
      {"delivered", count([](auto& o) { return o.deliveries > 0; })},
      {"lost", count(is_lost)},
      {"lost_after_fault", count([&](auto& o) { return is_lost(o) && after_fault(o); })},
      {"missed", missed},
      {"duplicated", count([](auto& o) { return o.deliveries > 1; })},
      {"wrong_answers", count([](auto& o) { return o.answered_wrongly; })},
      {"never_ended", count([](auto& o) { return o.end == End::open; })},
      {"in_doubt", count([](auto& o) { return o.end == End::in_doubt; })},
      {"recovered", count([](auto& o) { return o.end == End::in_doubt && o.deliveries > 0; })},
      {"unexpected", count([](auto& o) { return o.end == End::failed && o.deliveries > 0; })},
      {"late", count([](auto& o) { return o.end == End::in_doubt && o.delivered > o.ended; })},
      {"errors", errors},
      {"examples", examples},
      {"longest_op_s", seconds(longest)},
      {"longest_gap_s", longest_gap()},
      {"recovery_s", recovery()},
  };
}

}  // namespace gantry::faults
