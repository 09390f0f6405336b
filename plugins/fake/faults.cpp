// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

#include <chrono>

namespace gantry::fake {
namespace {

// The generator splitmix64: small, and the same with every standard library.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::int64_t count(const Options& options, std::string_view name) {
  return options.get<std::int64_t>(name);
}

bool is_asked_for(const Options& options) {
  for (const auto* const name : {"drop", "duplicate", "reorder"}) {
    if (options.get<double>(name) > 0) return true;
  }
  for (const auto* const name : {"fail_send", "fail_ack", "disconnect"}) {
    if (count(options, name) > 0) return true;
  }
  return options.get<std::chrono::milliseconds>("latency").count() > 0;
}

// Counts down to nothing.
bool one_of(std::int64_t& left) {
  if (left == 0) return false;
  --left;
  return true;
}

}  // namespace

Chance::Chance(double probability, std::int64_t seed, std::uint64_t kind)
    : probability_(probability), state_(mix(static_cast<std::uint64_t>(seed)) + mix(kind)) {}

bool Chance::next() {
  constexpr double unit = 0x1p-53;
  state_ += 0x9e3779b97f4a7c15U;
  return static_cast<double>(mix(state_) >> 11U) * unit < probability_;
}

std::shared_ptr<Faults> Faults::from(const Options& options) {
  return is_asked_for(options) ? std::make_shared<Faults>(options) : nullptr;
}

Faults::Faults(const Options& options)
    : sends_to_fail_(count(options, "fail_send")),
      acknowledgements_to_lose_(count(options, "fail_ack")),
      disconnect_every_(count(options, "disconnect")),
      taken_(0.5, count(options, "seed"), 1),
      drop_(options.get<double>("drop"), count(options, "seed"), 2),
      duplicate_(options.get<double>("duplicate"), count(options, "seed"), 3),
      reorder_(options.get<double>("reorder"), count(options, "seed"), 4),
      drop_reply_(options.get<double>("drop"), count(options, "seed"), 5),
      duplicate_reply_(options.get<double>("duplicate"), count(options, "seed"), 6),
      may_lose_acknowledgements_(acknowledgements_to_lose_ > 0),
      line_(options.get<std::chrono::milliseconds>("latency")) {}

Faults::Operation Faults::next_operation() {
  const std::lock_guard lock(mutex_);
  if (one_of(sends_to_fail_)) return Operation::not_sent;
  if (disconnect_every_ == 0 || ++operations_ % disconnect_every_ != 0) return Operation::accepted;
  return taken_.next() ? Operation::in_doubt_but_taken : Operation::in_doubt_and_lost;
}

Faults::Fate Faults::next_message() {
  const std::lock_guard lock(mutex_);
  return {.lost = drop_.next(), .twice = duplicate_.next(), .overtakes = reorder_.next()};
}

Faults::Fate Faults::next_reply() {
  const std::lock_guard lock(mutex_);
  return {.lost = drop_reply_.next(), .twice = duplicate_reply_.next()};
}

bool Faults::loses_acknowledgement() {
  const std::lock_guard lock(mutex_);
  return one_of(acknowledgements_to_lose_);
}

}  // namespace gantry::fake
