// SPDX-License-Identifier: Apache-2.0
#include "notification_listener.hpp"

#include <fmt/format.h>

#include <utility>

#include "gantry/kit/routing.hpp"
#include "listener.hpp"
#include "notification_intake.hpp"

namespace gantry::rabbit {
namespace {

// A listener whose messages can be settled as long as it exists.
class NotificationListener final : public Listener {
 public:
  NotificationListener(std::shared_ptr<const Settings> settings, Subscriptions subscriptions,
                       const BatchOptions& batch)
      : port_(std::make_shared<SettlementPort>()) {
    auto intake = std::make_unique<NotificationIntake>(settings, port_);
    auto& settled = *intake;
    consuming_ = std::make_unique<ConsumingListener>(std::move(settings), std::move(subscriptions),
                                                     std::move(intake), batch);
    port_->open(settled, *consuming_);
  }
  ~NotificationListener() override {
    consuming_->stop();
    port_->close();
  }

  void wait_subscribed(Deadline deadline) { consuming_->wait_subscribed(deadline); }
  void start(OnBatch on_batch) override { consuming_->start(std::move(on_batch)); }
  void pause() noexcept override { consuming_->pause(); }
  void resume() noexcept override { consuming_->resume(); }
  void stop() override { consuming_->stop(); }

 private:
  const std::shared_ptr<SettlementPort> port_;
  std::unique_ptr<ConsumingListener> consuming_;
};

}  // namespace

std::unique_ptr<Listener> listen_notifications(std::shared_ptr<const Settings> settings,
                                               std::span<const Subscription> subscriptions,
                                               std::string_view pool, const BatchOptions& batch,
                                               Deadline deadline) {
  Subscriptions wanted{.what = "listening for notifications"};
  for (const auto& [target, priority] : subscriptions)
    wanted.bindings.push_back(stored_subscription(
        exchange_of(target, settings->default_exchange),
        fmt::format("{}.{}", target.topic.value_or(""), priority), pool, settings->topology));
  auto listener =
      std::make_unique<NotificationListener>(std::move(settings), std::move(wanted), batch);
  listener->wait_subscribed(deadline);
  return listener;
}

}  // namespace gantry::rabbit
