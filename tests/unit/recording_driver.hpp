// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gantry/driver/base_driver.hpp"
#include "gantry/transport.hpp"

namespace gantry {

// A driver that notes what reaches it and answers as the test says.
class RecordingDriver final : public BaseDriver {
 public:
  struct Sent {
    Target target;
    Message message;
    CallOptions options;
    bool is_call = false;
    std::optional<Envelope> envelope{};  // of a notification
  };
  struct Subscribed {
    std::vector<Subscription> to;
    std::string pool;
    BatchOptions batch;
    Deadline deadline;
  };
  struct Record {
    Features features{.rpc = true};  // when the driver is made
    std::vector<Sent> sent{};
    std::vector<Subscribed> subscribed{};
    std::function<void(Completion<Value>)> answer = [](Completion<Value> done) {
      done.succeed(nullptr);
    };
    std::function<void()> fault = [] {};  // runs first in each verb; may throw
  };

  explicit RecordingDriver(Record& record) : record_(record), features_(record.features) {}

  const Features& features() const noexcept override { return features_; }
  void send(const Target& target, Message message, const SendOptions& options,
            Completion<void>&& done) override {
    record_.fault();
    record_.sent.push_back({target, std::move(message), CallOptions{options}, false});
    done.succeed();
  }
  void call(const Target& target, Message message, const CallOptions& options,
            Completion<Value>&& done) override {
    record_.fault();
    record_.sent.push_back({target, std::move(message), options, true});
    record_.answer(std::move(done));
  }
  void send_notification(const Target& target, Message message, Envelope envelope,
                         const SendOptions& options, Completion<void>&& done) override {
    record_.fault();
    record_.sent.push_back({target, std::move(message), CallOptions{options}, false, envelope});
    done.succeed();
  }
  std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                   Deadline deadline) override {
    record_.fault();
    record_.subscribed.push_back({{{target, {}}}, {}, batch, deadline});
    throw UnsupportedFeature("the recording driver does not listen");
  }
  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription> subscriptions,
                                                     std::string_view pool,
                                                     const BatchOptions& batch,
                                                     Deadline deadline) override {
    record_.subscribed.push_back(
        {{subscriptions.begin(), subscriptions.end()}, std::string(pool), batch, deadline});
    throw UnsupportedFeature("the recording driver does not listen");
  }

 private:
  Record& record_;
  const Features features_;
};

inline Transport record_transport(RecordingDriver::Record& record) {
  return {std::make_unique<RecordingDriver>(record),
          {.url = TransportUrl::parse("recording://"),
           .rpc_response_timeout = std::chrono::seconds(60)}};
}

}  // namespace gantry
