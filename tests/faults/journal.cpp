// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include <algorithm>
#include <limits>

#include "error_kind.hpp"

namespace gantry::faults {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

template <class Unit>
std::uint32_t ticks(Clock::duration duration) {
  const auto whole = std::chrono::duration_cast<Unit>(duration).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(whole, 0, std::numeric_limits<std::uint32_t>::max()));
}

double milliseconds_at(std::vector<std::uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part);
  return static_cast<double>(sorted[at]) / 1000;
}

}  // namespace

void FaultTimes::begin() {
  const std::lock_guard lock(mutex_);
  spans_.push_back({Clock::now(), Time::max()});
}

void FaultTimes::end(milliseconds recovery) {
  const std::lock_guard lock(mutex_);
  if (!spans_.empty()) spans_.back().to = Clock::now() + recovery;
}

bool FaultTimes::overlap(Time from, Time to) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(spans_,
                             [&](const Span& span) { return from <= span.to && to >= span.from; });
}

Journal::Journal(std::size_t messages, std::size_t receivers)
    : receivers_(receivers), entries_(messages) {}

void Journal::began(std::size_t id) {
  const std::lock_guard lock(mutex_);
  entries_[id].began = true;
  entries_[id].began_ms = ticks<milliseconds>(Clock::now() - opened_);
  begun_ = std::max(begun_, id + 1);
}

void Journal::ended(std::size_t id, const std::exception_ptr& error) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  auto& entry = entries_[id];
  entry.took_us = ticks<microseconds>(now - opened_ - milliseconds(entry.began_ms));
  if (!error) {
    entry.end = End::accepted;
  } else {
    const auto kind = kind_of(error);
    entry.end = kind.in_doubt ? End::in_doubt : End::failed;
    ++errors_[kind.name];
    examples_.emplace(kind.name, kind.text);
  }
  changed_.notify_all();
}

void Journal::delivered(std::size_t id, std::size_t receiver) {
  const std::lock_guard lock(mutex_);
  if (id < entries_.size()) ++entries_[id].deliveries.at(receiver);
  changed_.notify_all();
}

bool Journal::missed(const Entry& entry) const {
  const auto of_ours = entry.deliveries.begin() + static_cast<std::ptrdiff_t>(receivers_);
  return std::find(entry.deliveries.begin(), of_ours, 0) != of_ours;
}

bool Journal::settled() const {
  return std::ranges::all_of(entries_, [this](const Entry& entry) {
    return !entry.began ||
           (entry.end != End::none && !(entry.end == End::accepted && missed(entry)));
  });
}

bool Journal::wait_settled(Deadline deadline) {
  std::unique_lock lock(mutex_);
  return deadline.wait(changed_, lock, [this] { return settled(); });
}

std::size_t Journal::begun() const {
  const std::lock_guard lock(mutex_);
  return begun_;
}

struct Journal::Latencies {
  std::vector<std::uint32_t> untouched;  // sorted, in microseconds
  std::uint32_t longest = 0;             // of all
};

Journal::Latencies Journal::latencies(const FaultTimes& faults, std::size_t first) const {
  Latencies found;
  for (std::size_t id = first; id < begun_; ++id) {
    const auto& entry = entries_[id];
    if (entry.end == End::none) continue;
    found.longest = std::max(found.longest, entry.took_us);
    const auto from = opened_ + milliseconds(entry.began_ms);
    if (!faults.overlap(from, from + microseconds(entry.took_us)))
      found.untouched.push_back(entry.took_us);
  }
  std::ranges::sort(found.untouched);
  return found;
}

Object Journal::report(const FaultTimes& faults, std::size_t first) const {
  const std::lock_guard lock(mutex_);
  const auto count = [&](auto what) {
    return std::count_if(entries_.begin() + static_cast<std::ptrdiff_t>(std::min(first, begun_)),
                         entries_.end(), what);
  };
  const auto twice = [](const Entry& e) { return *std::ranges::max_element(e.deliveries) > 1; };
  const auto reached = [](const Entry& e) { return *std::ranges::max_element(e.deliveries) > 0; };
  auto [untouched, longest] = latencies(faults, first);
  Object errors;
  for (const auto& [name, times] : errors_) errors[name] = times;
  Object examples;
  for (const auto& [name, text] : examples_) examples[name] = text;
  return {
      {"attempted", count([](auto& e) { return e.began; })},
      {"open", count([](auto& e) { return e.began && e.end == End::none; })},
      {"accepted", count([](auto& e) { return e.end == End::accepted; })},
      {"delivered", count(reached)},
      {"lost", count([this](auto& e) { return e.end == End::accepted && missed(e); })},
      {"duplicated", count(twice)},
      {"in_doubt", count([](auto& e) { return e.end == End::in_doubt; })},
      {"failed", count([](auto& e) { return e.end == End::failed; })},
      {"unexpected", count([&](auto& e) { return e.end == End::failed && reached(e); })},
      {"untouched", untouched.size()},
      {"p50_ms", milliseconds_at(untouched, 0.50)},
      {"p99_ms", milliseconds_at(untouched, 0.99)},
      {"longest_op_s", static_cast<double>(longest) / 1e6},
      {"errors", errors},
      {"examples", examples},
  };
}

}  // namespace gantry::faults
