// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <vector>

#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"

// A driver without a broker: a request ends in the way that its method names. So a test decides
// what the command is told, and sees what it makes of it.
namespace gantry::canned {
namespace {

std::string text_argument(const Message& message, std::string_view name) {
  const Value* args = message.body.if_contains("args");
  const Value* text = args != nullptr ? args->get_object().if_contains(name) : nullptr;
  return text != nullptr ? std::string(text->get_string()) : "";
}

TimeoutCause cause_called(const std::string& name) {
  for (int number = 0; number <= static_cast<int>(TimeoutCause::reply_lost); ++number) {
    const auto cause = static_cast<TimeoutCause>(number);
    if (to_string(cause) == name) return cause;
  }
  throw InvalidArgument("no cause of a timeout is called '" + name + "'");
}

[[noreturn]] void fail_remotely(const std::string& message) {
  throw RemoteError({.class_name = "ValueError",
                     .module = "builtins",
                     .message = message,
                     .traceback = {"Traceback (most recent call last):\n",
                                   "  File \"calc.py\", line 3, in add\n    return a + b\n",
                                   "ValueError: " + message + "\n"}});
}

// The result of a request, or what it is to end with.
Value end_of(const Message& message) {
  const std::string method(message.body.at("method").get_string());
  const std::string text = text_argument(message, "text");
  if (method == "request") return Object{{"body", message.body}, {"context", message.context}};
  if (method == "answer") return message.body.at("args").at("value");
  if (method == "remote_error") fail_remotely(text);
  if (method == "timeout") throw MessagingTimeout("it took too long", cause_called(text));
  if (method == "undeliverable") throw MessageUndeliverable("no queue", "openstack", "nobody");
  if (method == "undelivered") throw MessageDeliveryFailure(text);
  if (method == "in_doubt") throw MessageInDoubt("the connection died", "id-1");
  if (method == "refused") throw AuthenticationFailed(text);
  if (method == "driver_error") throw TransportDriverError(text);
  if (method == "unserialisable") throw SerializationError("NaN");
  throw InvalidArgument("no method is called '" + method + "'");
}

class Driver final : public BaseDriver {
 public:
  ~Driver() override {
    for (auto& pending : pending_) pending.fail(TransportClosed("the driver is gone"));
  }

  const Features& features() const noexcept override { return features_; }

  void send(const Target&, Message message, const SendOptions&, Completion<void>&& done) override {
    end_of(message);
    done.succeed();
  }

  void call(const Target&, Message message, const CallOptions& options,
            Completion<Value>&& done) override {
    if (options.timeline) options.timeline->reach(Stage::sent);
    if (message.body.at("method") == "never") return keep(std::move(done));
    Value value = end_of(message);
    if (options.timeline) options.timeline->reach(Stage::replied);
    done.succeed(std::move(value));
  }

  void send_notification(const Target&, Message, Envelope, const SendOptions&,
                         Completion<void>&&) override {
    throw UnsupportedFeature("notifications");
  }
  std::unique_ptr<Listener> listen(const Target&, const BatchOptions&, Deadline) override {
    throw AuthenticationFailed("the broker refused the user 'guest'");
  }
  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription>,
                                                     std::string_view, const BatchOptions&,
                                                     Deadline) override {
    throw UnsupportedFeature("notifications");
  }

 private:
  void keep(Completion<Value> done) {
    {
      const std::lock_guard lock(mutex_);
      pending_.push_back(std::move(done));
    }
    log(LogLevel::info, "a call waits");
  }

  const Features features_{.rpc = true};
  std::mutex mutex_;
  std::vector<Completion<Value>> pending_;  // guarded by mutex_
};

std::unique_ptr<BaseDriver> make(const DriverContext&) { return std::make_unique<Driver>(); }

constexpr OptionSpec kOptions[] = {
    {.name = "size",
     .type = OptionType::integer,
     .default_value = "3",
     .min = 1,
     .max = 9,
     .help = "How large it is, in pieces."},
    {.name = "mode", .default_value = "slow", .choices = "slow,fast", .help = "How it goes."},
    {.name = "token", .default_value = "", .secret = true, .help = "What nobody may see."},
};

}  // namespace
}  // namespace gantry::canned

GANTRY_EXPORT_DRIVER(.schemes = "canned tinned", .version = "7.8.9",
                     .summary = "ends requests as their method says", .client_library = "none 1.0",
                     .features = {.rpc = true}, .options = gantry::canned::kOptions,
                     .create = gantry::canned::make);
