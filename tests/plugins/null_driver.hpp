// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/descriptor.hpp"

namespace {

// A driver that can nothing: what a plugin holds whose loading is tested.
class NullDriver final : public gantry::BaseDriver {
 public:
  const gantry::Features& features() const noexcept override { return features_; }
  void send(const gantry::Target&, gantry::Message, const gantry::SendOptions&,
            gantry::Completion<void>&& done) override {
    done.fail(gantry::UnsupportedFeature("send"));
  }
  void call(const gantry::Target&, gantry::Message, const gantry::CallOptions&,
            gantry::Completion<gantry::Value>&& done) override {
    done.fail(gantry::UnsupportedFeature("call"));
  }
  void send_notification(const gantry::Target&, gantry::Message, gantry::Envelope,
                         const gantry::SendOptions&, gantry::Completion<void>&& done) override {
    done.fail(gantry::UnsupportedFeature("send_notification"));
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

 private:
  const gantry::Features features_{};
};

[[maybe_unused]] std::unique_ptr<gantry::BaseDriver> make_null(const gantry::DriverContext&) {
  return std::make_unique<NullDriver>();
}

}  // namespace
