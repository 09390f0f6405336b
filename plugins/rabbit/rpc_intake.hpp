// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "answers.hpp"
#include "gantry/kit/dedup.hpp"
#include "gantry/kit/wire.hpp"
#include "intake.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// Requests: acknowledged before they are handed up, so that a request runs at most once (RPCS-3).
class RpcIntake final : public Intake {
 public:
  // `handled` belongs to all listeners of the driver: an acknowledgement may be lost with its
  // connection, and the request comes again to another of them. Fanouts, which each of them gets,
  // come under `fanout_tag`.
  RpcIntake(std::shared_ptr<const Settings> settings, std::shared_ptr<Answers> answers,
            std::shared_ptr<SharedIds> handled, std::string fanout_tag)
      : settings_(std::move(settings)),
        answers_(std::move(answers)),
        handled_(std::move(handled)),
        fanout_tag_(std::move(fanout_tag)) {}

  Batch take(std::span<Delivery> deliveries, const Consumers& consumers, Session& session) override;
  void flush(Session&) override {}
  void session_lost() override {}

 private:
  // Rare beside the requests, so what is remembered of them would grow for hours.
  static constexpr std::size_t kFanouts = 1000;

  wire::Request read(Delivery& delivery) const;
  bool is_new(std::string_view id, const Delivery& delivery);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Answers> answers_;
  const std::shared_ptr<SharedIds> handled_;
  const std::string fanout_tag_;
  RecentIds fanouts_{kFanouts};
};

}  // namespace gantry::rabbit
