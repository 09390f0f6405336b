// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "answers.hpp"
#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/kit/dedup.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "replies.hpp"
#include "senders.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

inline constexpr Features kFeatures{.rpc = true,
                                    .notifications = true,
                                    .pools = true,
                                    .requeue = true,
                                    .call_monitor = true,
                                    .at_least_once = true,
                                    .fanout_by_exchange = false};

// oslo.messaging's rabbit driver on rabbitmq-c.
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
  Publish::Content request(std::string_view verb, const Target& target, Message& message,
                           const SendOptions& options, const wire::RequestIds& ids) const;
  void submit(Publish::Content content, Completion<void> done);
  Replies& replies(Deadline deadline);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Timer> timer_;
  const std::shared_ptr<Senders> senders_;
  const std::shared_ptr<Answers> answers_;
  const std::shared_ptr<SharedIds> handled_;   // requests that a listener has had
  const std::shared_ptr<ReplyWaiter> waiter_;  // shared with the publishes under way
  std::mutex mutex_;
  std::unique_ptr<Replies> replies_;  // made by the first call; guarded by mutex_
};

std::unique_ptr<BaseDriver> make_driver(const DriverContext& context);

}  // namespace gantry::rabbit
