// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "errors.hpp"
#include "gantry/log.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

constexpr std::chrono::milliseconds kCommitAgain{100};
constexpr int kAttempts = 5;

}  // namespace

RequestReader::RequestReader(const Settings& settings, Place place, RequestIntake& intake,
                             Collector& collector)
    : place_(std::move(place)),
      intake_(intake),
      collector_(collector),
      consumer_(settings, *this, place_.group,
                place_.begin == Begin::oldest ? "earliest" : "latest") {}

void RequestReader::take(std::vector<Received> records) {
  std::ranges::move(records, std::back_inserter(taken_));
  commit_taken();
}

void RequestReader::turn() {
  if (next_try_.expired()) commit_taken();
  collector_.hand_over();
}

Deadline RequestReader::due() const { return std::min(next_try_, collector_.due()); }

std::vector<Position> RequestReader::positions_behind() const {
  std::map<Partition, std::int64_t> behind;
  for (const auto& record : taken_) behind[partition_of(*record)] = record->offset + 1;
  std::vector<Position> positions;
  for (auto& [partition, offset] : behind) positions.push_back({partition, offset});
  return positions;
}

// While the group is in motion the commit is tried again; what the group has given to another
// member goes with its partition. What is not handed up soon is left to whoever stays.
void RequestReader::commit_taken() {
  next_try_ = never;
  if (taken_.empty()) return;
  if (!consumer_.is_paused()) {
    const auto error = consumer_.commit(positions_behind());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return hand_up();
    log(LogLevel::info, fmt::format("kafka: {}: {} requests wait for their commit: {}", place_.what,
                                    taken_.size(), text_of(error)));
  }
  next_try_ = Deadline::after(kCommitAgain);
}

void RequestReader::hand_up() {
  Batch batch;
  for (const auto& record : std::exchange(taken_, {}))
    if (auto request = intake_.read(*record, place_.receiver)) batch.push_back(std::move(request));
  if (!batch.empty()) collector_.add(std::move(batch));
}

void RequestReader::assigned(std::span<Position> positions) {
  for (int attempt = 1;; ++attempt) try {
      return move_in(positions);
    } catch (const std::exception& error) {
      log(LogLevel::warning, fmt::format("kafka: {}: {}", place_.what, error.what()));
      if (attempt == kAttempts) return;
    }
}

// A first position is committed at once: it tells callers that somebody listens here.
void RequestReader::move_in(std::span<Position> positions) {
  consumer_.look_up_committed(positions);
  std::vector<Position> first;
  for (auto& position : positions) {
    if (position.offset >= 0) continue;
    const auto [oldest, newest] = consumer_.extent(position.partition);
    position.offset = place_.begin == Begin::oldest ? oldest : newest;
    first.push_back(position);
  }
  throw_if(consumer_.commit(first), "committing a first position");
}

void RequestReader::revoked(std::span<const Partition> partitions, bool) {
  std::erase_if(taken_, [&](const Received& record) {
    return std::ranges::find(partitions, partition_of(*record)) != partitions.end();
  });
}

}  // namespace gantry::kafka
