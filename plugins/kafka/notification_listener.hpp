// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector.hpp"
#include "consumer.hpp"
#include "gantry/driver/listener.hpp"
#include "settings.hpp"
#include "settlements.hpp"
#include "topic.hpp"

namespace gantry::kafka {

// A member of a consumer group that reads notifications. A partition's position is committed up to
// its first unsettled notification. When a partition goes to another member, its handlers have
// `rebalance_patience` to end; what they have not settled by then, the other gets as well.
class NotificationListener final : public Listener, private Reader {
 public:
  NotificationListener(std::shared_ptr<const Settings> settings, std::string_view pool,
                       const BatchOptions& batch);
  ~NotificationListener() override;

  // Returns when it is a member. Creates topics that are missing.
  void subscribe(std::span<const Subscription> subscriptions, Deadline deadline);

  void start(OnBatch on_batch) override;
  void pause() noexcept override;
  void resume() noexcept override;
  void stop() override;

 private:
  std::string_view purpose() const noexcept override { return "listening for notifications"; }
  void take(std::vector<Received> records) override;
  void turn() override;
  Deadline due() const override { return collector_.due(); }
  void assigned(std::span<Position> positions) override;
  void revoked(std::span<const Partition> partitions, bool lost) override;
  void commit_failed() override { settlements_->tell_again(); }
  void closing() override;

  std::unique_ptr<IncomingMessage> receive(const rd_kafka_message_t& record);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Settlements> settlements_;  // shared with the messages
  Collector collector_;
  Topics topics_;
  bool closing_ = false;  // the consumer's thread alone
  Consumer consumer_;     // last: its thread uses all of the above
};

}  // namespace gantry::kafka
