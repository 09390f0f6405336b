// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>

#include "collector.hpp"
#include "fanout_reader.hpp"
#include "gantry/driver/listener.hpp"
#include "gantry/target.hpp"
#include "names.hpp"
#include "request_intake.hpp"
#include "request_reader.hpp"
#include "settings.hpp"
#include "topic.hpp"

namespace gantry::kafka {

// A server's subscription: to its topic, to itself, and to the topic's fanout, by a consumer each.
// OnBatch is called by their threads, one at a time.
class RpcListener final : public Listener {
 public:
  RpcListener(std::shared_ptr<const Settings> settings, const Target& target,
              std::shared_ptr<Answers> answers, std::shared_ptr<SharedIds> handled,
              const BatchOptions& batch);
  ~RpcListener() override { stop(); }

  void subscribe(Deadline deadline);

  void start(OnBatch on_batch) override;
  void pause() noexcept override;
  void resume() noexcept override;
  void stop() override;

 private:
  std::array<Consumer*, 3> consumers();
  void pause_all(bool paused) noexcept;

  const std::shared_ptr<const Settings> settings_;
  const std::string what_;
  const std::array<Address, 3> addresses_;  // topic, server, fanout
  const std::array<RpcAddress, 3> places_;
  Topics topics_;
  RequestIntake intake_;
  Collector collector_;
  RequestReader topic_reader_;  // these use all of the above
  RequestReader server_reader_;
  FanoutReader fanout_reader_;
};

}  // namespace gantry::kafka
