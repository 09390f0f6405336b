// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "collector.hpp"
#include "consumer.hpp"
#include "request_intake.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// Reads the fanouts of a topic by hand, from the end on: each reader gets each, and no group moves
// when one comes or goes.
class FanoutReader final : private Reader {
 public:
  FanoutReader(const Settings& settings, std::string what, RequestIntake& intake,
               Collector& collector);

  Consumer& consumer() noexcept { return consumer_; }
  void begin(const std::string& topic, Deadline deadline);  // what is sent from now on

 private:
  std::string_view purpose() const noexcept override { return what_; }
  void take(std::vector<Received> records) override;
  void turn() override { collector_.hand_over(); }
  Deadline due() const override { return collector_.due(); }

  const std::string what_;
  RequestIntake& intake_;
  Collector& collector_;
  Consumer consumer_;  // last: its thread uses all of the above
};

}  // namespace gantry::kafka
