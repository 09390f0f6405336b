// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector.hpp"
#include "consumer.hpp"
#include "request_intake.hpp"
#include "settings.hpp"
#include "taken_records.hpp"

namespace gantry::kafka {

// Reads the requests of one address as a member of its group. The position behind a request is
// committed before it is handed up, so that it runs at most once (RPCS-3).
class RequestReader final : private Reader {
 public:
  // Where a group begins that is new.
  enum class Begin { oldest, newest };
  struct Place {
    std::string what;  // for logs and errors
    std::string topic;
    std::string group;
    std::string receiver{};  // records for others are passed over; empty: all are for this one
    Begin begin = Begin::oldest;
  };

  RequestReader(const Settings& settings, Place place, RequestIntake& intake, Collector& collector);

  Consumer& consumer() noexcept { return consumer_; }

 private:
  std::string_view purpose() const noexcept override { return place_.what; }
  void take(std::vector<Received> records) override;
  void turn() override;
  Deadline due() const override;
  void assigned(std::span<Position> positions) override;
  void revoked(std::span<const Partition> partitions, bool lost) override;
  void closing() override { taken_.clear(); }

  bool move_in(std::span<Position> positions);
  void commit_taken();
  void hand_up(std::span<const rd_kafka_message_t* const> records);

  const Place place_;
  RequestIntake& intake_;
  Collector& collector_;
  TakenRecords taken_;  // and not committed; the consumer's thread alone, as the next
  Deadline next_try_ = never;
  Consumer consumer_;  // last: its thread uses all of the above
};

}  // namespace gantry::kafka
