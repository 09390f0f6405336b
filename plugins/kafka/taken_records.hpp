// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "consumer.hpp"
#include "gantry/deadline.hpp"

namespace gantry::kafka {

// Records that were fetched and not handed up, of the partitions that a reader owns. They come out
// in the order of each partition, and each behind the one that its header names (CastOrder), where
// that is of an owned partition and comes soon. Belongs to the consumer's thread.
class TakenRecords {
 public:
  void own(std::span<const Position> positions);  // where reading begins
  void disown(std::span<const Partition> partitions);

  void add(std::vector<Received> records);
  // Those whose turn has come. They stay until `advance` drops them or `disown` takes them away.
  const std::vector<const rd_kafka_message_t*>& ready();
  // Where the partitions stand behind what `ready` gave.
  std::vector<Position> positions() const;
  void advance();

  Deadline due() const;  // when `ready` gives more, also if nothing comes
  void clear();

 private:
  struct Queue {
    std::int64_t next = 0;  // the offset behind what was dropped
    std::deque<Received> records{};
    std::size_t ready = 0;      // so many from the front
    Deadline patience = never;  // of the first that is not ready
  };

  bool may_go(const rd_kafka_message_t& record) const;
  bool go_on(Queue& queue);

  std::map<Partition, Queue> queues_;
  std::vector<const rd_kafka_message_t*> ready_;  // into the queues
};

}  // namespace gantry::kafka
