// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "errors.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

constexpr std::chrono::milliseconds kCommitAgain{100};
constexpr std::chrono::seconds kMovingIn{10};  // until it reads all the same

}  // namespace

RequestReader::RequestReader(const Settings& settings, Place place, RequestIntake& intake,
                             Collector& collector)
    : place_(std::move(place)),
      intake_(intake),
      collector_(collector),
      consumer_(settings, *this,
                {.group = place_.group,
                 .offset_reset = place_.begin == Begin::oldest ? "earliest" : "latest"}) {}

void RequestReader::take(std::vector<Received> records) {
  taken_.add(std::move(records));
  commit_taken();
}

void RequestReader::turn() {
  if (due().expired()) commit_taken();
  collector_.hand_over();
}

Deadline RequestReader::due() const {
  const auto next = consumer_.is_paused() ? never : std::min(next_try_, taken_.due());
  return std::min(next, collector_.due());
}

// While the group is in motion the commit is tried again; what the group has given to another
// member goes with its partition. While paused nothing is committed: what is not handed up soon is
// left to whoever stays.
void RequestReader::commit_taken() {
  if (consumer_.is_paused()) return;
  next_try_ = never;
  const auto& records = taken_.ready();
  if (records.empty()) return;
  const auto error = consumer_.commit(taken_.positions());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    hand_up(records);
    return taken_.advance();
  }
  log(LogLevel::info, fmt::format("kafka: {}: {} requests wait for their commit: {}", place_.what,
                                  records.size(), text_of(error)));
  next_try_ = Deadline::after(kCommitAgain);
}

void RequestReader::hand_up(std::span<const rd_kafka_message_t* const> records) {
  Batch batch;
  for (const auto* const record : records)
    if (auto request = intake_.read(*record, place_.receiver)) batch.push_back(std::move(request));
  if (!batch.empty()) collector_.add(std::move(batch));
}

void RequestReader::assigned(std::span<Position> positions) {
  const auto limit = Deadline::after(kMovingIn);
  for (auto pause = kCommitAgain; !move_in(positions) && !limit.expired(); pause *= 2)
    if (!consumer_.rest(pause)) break;
  taken_.own(positions);
}

// A first position is committed at once: it tells callers that somebody listens here.
bool RequestReader::move_in(std::span<Position> positions) try {
  consumer_.look_up_committed(positions);
  std::vector<Position> first;
  for (auto& position : positions) {
    if (position.offset >= 0) continue;
    const auto [oldest, newest] = consumer_.extent(position.partition);
    position.offset = place_.begin == Begin::oldest ? oldest : newest;
    first.push_back(position);
  }
  throw_if(consumer_.commit(first), "committing a first position");
  return true;
} catch (const std::exception& error) {
  log(LogLevel::warning, fmt::format("kafka: {}: {}", place_.what, error.what()));
  return false;
}

void RequestReader::revoked(std::span<const Partition> partitions, bool) {
  taken_.disown(partitions);
}

}  // namespace gantry::kafka
