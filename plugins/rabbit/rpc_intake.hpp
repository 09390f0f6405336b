// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "answers.hpp"
#include "gantry/kit/dedup.hpp"
#include "intake.hpp"

namespace gantry::rabbit {

// Requests: acknowledged before they are handed up, so that a request runs at most once (RPCS-3).
class RpcIntake final : public Intake {
 public:
  RpcIntake(std::shared_ptr<const Settings> settings, std::shared_ptr<Answers> answers)
      : settings_(std::move(settings)), answers_(std::move(answers)) {}

  Batch take(std::span<Delivery> deliveries, Session& session) override;
  void flush(Session&) override {}
  void session_lost() override {}

 private:
  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Answers> answers_;
  RecentIds recent_;
};

}  // namespace gantry::rabbit
