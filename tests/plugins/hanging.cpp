// SPDX-License-Identifier: Apache-2.0
// A driver whose calls never return to their caller.
#include <semaphore>

#include "gantry/driver/descriptor.hpp"

namespace {

constexpr gantry::Features kFeatures = {.rpc = true};

class HangingDriver final : public gantry::BaseDriver {
 public:
  const gantry::Features& features() const noexcept override { return kFeatures; }

  void call(const gantry::Target&, gantry::Message, const gantry::CallOptions&,
            gantry::Completion<gantry::Value>&&) override {
    std::binary_semaphore never_released(0);
    never_released.acquire();
  }
  void send(const gantry::Target&, gantry::Message, const gantry::SendOptions&,
            gantry::Completion<void>&& done) override {
    done.succeed();
  }
  void send_notification(const gantry::Target&, gantry::Message, gantry::Envelope,
                         const gantry::SendOptions&, gantry::Completion<void>&& done) override {
    done.fail(gantry::UnsupportedFeature("notifications"));
  }
  std::unique_ptr<gantry::Listener> listen(const gantry::Target&, const gantry::BatchOptions&,
                                           gantry::Deadline) override {
    throw gantry::UnsupportedFeature("listen");
  }
  std::unique_ptr<gantry::Listener> listen_for_notifications(std::span<const gantry::Subscription>,
                                                             std::string_view,
                                                             const gantry::BatchOptions&,
                                                             gantry::Deadline) override {
    throw gantry::UnsupportedFeature("listen_for_notifications");
  }
};

std::unique_ptr<gantry::BaseDriver> make(const gantry::DriverContext&) {
  return std::make_unique<HangingDriver>();
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "hanging", .version = "0", .summary = "never comes back",
                     .features = kFeatures, .create = make);
