// SPDX-License-Identifier: Apache-2.0
// A driver that breaks the contract in the way that the topic says.
#include <memory>
#include <stdexcept>
#include <vector>

#include "gantry/driver/descriptor.hpp"

namespace {

constexpr gantry::Features kFeatures = {.rpc = true, .notifications = true};

struct OfNoStandardType {};

class MisbehavingDriver final : public gantry::BaseDriver {
 public:
  const gantry::Features& features() const noexcept override { return kFeatures; }

  void send(const gantry::Target& target, gantry::Message, const gantry::SendOptions&,
            gantry::Completion<void>&& done) override {
    if (target.topic == "throws") throw std::runtime_error("the client library is at a loss");
    if (target.topic == "throws an own type") throw OfNoStandardType();
    const auto dropped = std::move(done);
  }
  void call(const gantry::Target&, gantry::Message, const gantry::CallOptions&,
            gantry::Completion<gantry::Value>&& done) override {
    kept_.push_back(std::move(done));  // and nobody ever tells it
  }
  void send_notification(const gantry::Target&, gantry::Message, gantry::Envelope,
                         const gantry::SendOptions&, gantry::Completion<void>&& done) override {
    done.succeed();
    done.fail(gantry::TransportDriverError("told twice"));
  }
  std::unique_ptr<gantry::Listener> listen(const gantry::Target&, const gantry::BatchOptions&,
                                           gantry::Deadline) override {
    throw OfNoStandardType();
  }
  std::unique_ptr<gantry::Listener> listen_for_notifications(std::span<const gantry::Subscription>,
                                                             std::string_view,
                                                             const gantry::BatchOptions&,
                                                             gantry::Deadline) override {
    throw std::runtime_error("the client library is at a loss");
  }

 private:
  std::vector<gantry::Completion<gantry::Value>> kept_{};
};

std::unique_ptr<gantry::BaseDriver> make(const gantry::DriverContext&) {
  return std::make_unique<MisbehavingDriver>();
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "misbehaving", .version = "0", .summary = "breaks the contract",
                     .features = kFeatures, .create = make);
