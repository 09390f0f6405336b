// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "answers.hpp"
#include "cast_order.hpp"
#include "directory.hpp"
#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/kit/dedup.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/kit/wire.hpp"
#include "producer.hpp"
#include "replies.hpp"
#include "settings.hpp"
#include "topic.hpp"

namespace gantry::kafka {

inline constexpr Features kFeatures{.rpc = true,
                                    .notifications = true,
                                    .pools = true,
                                    .requeue = false,
                                    .call_monitor = true,
                                    .at_least_once = false,
                                    .fanout_by_exchange = true};

// oslo.messaging's kafka driver on librdkafka, and RPC besides (docs/decisions/0017).
class Driver final : public BaseDriver {
 public:
  explicit Driver(Settings settings);
  ~Driver() override;

  const Features& features() const noexcept override { return kFeatures; }
  void send(const Target& target, Message message, const SendOptions& options,
            Completion<void>&& done) override;
  void call(const Target& target, Message message, const CallOptions& options,
            Completion<Value>&& done) override;
  void send_notification(const Target& target, Message message, Envelope envelope,
                         const SendOptions& options, Completion<void>&& done) override;
  std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                   Deadline deadline) override;
  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription> subscriptions,
                                                     std::string_view pool,
                                                     const BatchOptions& batch,
                                                     Deadline deadline) override;

 private:
  Outgoing::Content request(std::string_view verb, const Target& target, Message& message,
                            const SendOptions& options, const wire::RequestIds& ids);
  std::string notification_topic(std::string_view topic) const;
  void submit(Outgoing::Content&& content, Completion<void>&& done);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Timer> timer_;
  const std::shared_ptr<Producer> producer_;
  Topics topics_;
  Directory directory_;
  const std::shared_ptr<Topic> reply_topic_;
  const std::shared_ptr<Answers> answers_;
  const std::shared_ptr<CastOrder> order_;     // shared with the records under way
  const std::shared_ptr<SharedIds> handled_;   // requests that a listener has had
  const std::shared_ptr<ReplyWaiter> waiter_;  // shared with the records under way
  const std::shared_ptr<Replies> replies_;
};

std::unique_ptr<BaseDriver> make_driver(const DriverContext& context);

}  // namespace gantry::kafka
