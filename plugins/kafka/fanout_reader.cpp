// SPDX-License-Identifier: Apache-2.0
#include "fanout_reader.hpp"

#include <utility>

namespace gantry::kafka {

FanoutReader::FanoutReader(const Settings& settings, std::string what, RequestIntake& intake,
                           Collector& collector)
    : what_(std::move(what)),
      intake_(intake),
      collector_(collector),
      consumer_(settings, *this, {}) {}

void FanoutReader::begin(const std::string& topic, Deadline deadline) {
  consumer_.read_on(Partition(topic, 0), deadline);
}

void FanoutReader::take(std::vector<Received> records) {
  Batch batch;
  for (const auto& record : records)
    if (auto request = intake_.read_fanout(*record)) batch.push_back(std::move(request));
  if (!batch.empty()) collector_.add(std::move(batch));
}

}  // namespace gantry::kafka
