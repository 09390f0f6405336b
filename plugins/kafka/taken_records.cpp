// SPDX-License-Identifier: Apache-2.0
#include "taken_records.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "cast_order.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

// How long a record waits for the one before it: a fetch that is under way brings that.
constexpr std::chrono::milliseconds kPatience{200};

}  // namespace

void TakenRecords::own(std::span<const Position> positions) {
  for (const auto& [partition, offset] : positions) queues_[partition] = {.next = offset};
}

void TakenRecords::disown(std::span<const Partition> partitions) {
  std::erase_if(ready_, [&](const rd_kafka_message_t* record) {
    return std::ranges::find(partitions, partition_of(*record)) != partitions.end();
  });
  for (const auto& partition : partitions) queues_.erase(partition);
}

void TakenRecords::add(std::vector<Received> records) {
  for (auto& record : records) {
    const auto found = queues_.find(partition_of(*record));
    if (found != queues_.end()) found->second.records.push_back(std::move(record));
  }
}

const std::vector<const rd_kafka_message_t*>& TakenRecords::ready() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& [partition, queue] : queues_)
      while (go_on(queue)) {
        ready_.push_back(queue.records[queue.ready++].get());
        moved = true;
      }
  }
  return ready_;
}

// Whether the first that is not ready is so now.
bool TakenRecords::go_on(Queue& queue) {
  if (queue.ready == queue.records.size()) return false;
  if (may_go(*queue.records[queue.ready]) || queue.patience.expired()) {
    queue.patience = never;
    return true;
  }
  if (queue.patience.is_never()) queue.patience = Deadline::after(kPatience);
  return false;
}

// What cannot be read is found out later.
bool TakenRecords::may_go(const rd_kafka_message_t& record) const try {
  const auto header = header_of(record, header::kAfter);
  if (!header) return true;
  const auto before = CastOrder::parse(*header);
  const auto found = queues_.find({partition_of(record).first, before.partition});
  if (found == queues_.end()) return true;
  const auto& queue = found->second;
  const auto next = queue.ready == 0 ? queue.next : queue.records[queue.ready - 1]->offset + 1;
  return next > before.offset;
} catch (const SerializationError&) {
  return true;
}

std::vector<Position> TakenRecords::positions() const {
  std::vector<Position> positions;
  for (const auto& [partition, queue] : queues_)
    if (queue.ready > 0)
      positions.push_back({partition, queue.records[queue.ready - 1]->offset + 1});
  return positions;
}

void TakenRecords::clear() {
  ready_.clear();
  queues_.clear();
}

void TakenRecords::advance() {
  ready_.clear();
  for (auto& [partition, queue] : queues_) {
    if (queue.ready == 0) continue;
    queue.next = queue.records[queue.ready - 1]->offset + 1;
    const auto end = queue.records.begin() + static_cast<std::ptrdiff_t>(queue.ready);
    queue.records.erase(queue.records.begin(), end);
    queue.ready = 0;
  }
}

Deadline TakenRecords::due() const {
  auto due = never;
  for (const auto& [partition, queue] : queues_) due = std::min(due, queue.patience);
  return due;
}

}  // namespace gantry::kafka
