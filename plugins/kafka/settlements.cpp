// SPDX-License-Identifier: Apache-2.0
#include "settlements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace gantry::kafka {
namespace {

std::string key_of(const Settlements::Token& token, std::string_view id) {
  const auto& [topic, number] = token.partition;
  return fmt::format("{} {} {} {}", topic, number, token.offset, id);
}

}  // namespace

void Settlements::open(Wake wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void Settlements::close() { open({}); }

void Settlements::assigned(std::span<const Partition> partitions) {
  const std::lock_guard lock(mutex_);
  for (const auto& partition : partitions) tenures_[partition] = {.number = ++last_tenure_};
}

void Settlements::revoked(std::span<const Partition> partitions) {
  const std::lock_guard lock(mutex_);
  for (const auto& partition : partitions) tenures_.erase(partition);
}

Settlements::Token Settlements::received(const Partition& partition, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  auto& tenure = tenures_[partition];
  tenure.offsets.received(offset);
  return {.partition = partition, .tenure = tenure.number, .offset = offset};
}

// The id alone says little: a notifier sends the same one to each of its topics, and in both
// formats.
bool Settlements::knows(const Token& token, std::string_view id) {
  if (id.empty()) return false;
  const std::lock_guard lock(mutex_);
  return known_.find(key_of(token, id)) != nullptr;
}

void Settlements::settle(const Token& token, std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (!id.empty()) known_[key_of(token, id)];
  const auto found = tenures_.find(token.partition);
  if (found == tenures_.end() || found->second.number != token.tenure) return;
  found->second.offsets.settle(token.offset);
  settled_.notify_all();
  if (wake_) wake_();
}

void Settlements::forget(const Token& token) {
  const std::lock_guard lock(mutex_);
  const auto found = tenures_.find(token.partition);
  if (found == tenures_.end() || found->second.number != token.tenure) return;
  found->second.offsets.forget(token.offset);
  settled_.notify_all();
}

std::vector<Position> Settlements::take_positions() {
  const std::lock_guard lock(mutex_);
  std::vector<Position> positions;
  for (auto& [partition, tenure] : tenures_)
    if (const auto offset = tenure.offsets.take_position())
      positions.push_back({partition, *offset});
  return positions;
}

void Settlements::tell_again() {
  const std::lock_guard lock(mutex_);
  for (auto& [partition, tenure] : tenures_) tenure.offsets.tell_again();
}

bool Settlements::wait_settled(std::span<const Partition> partitions, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto is_settled = [this](const Partition& partition) {
    const auto found = tenures_.find(partition);
    return found == tenures_.end() || found->second.offsets.unsettled() == 0;
  };
  return deadline.wait(settled_, lock, [&] { return std::ranges::all_of(partitions, is_settled); });
}

}  // namespace gantry::kafka
