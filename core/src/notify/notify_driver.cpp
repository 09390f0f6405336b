// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notify_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "gantry/notify/routing.hpp"
#include "gantry/options.hpp"
#include "mask.hpp"
#include "together.hpp"

namespace gantry {
namespace {

std::optional<LogLevel> level_of(Priority priority) {
  switch (priority) {
    case Priority::debug:
      return LogLevel::debug;
    case Priority::info:
      return LogLevel::info;
    case Priority::warn:
      return LogLevel::warning;
    case Priority::error:
    case Priority::critical:
      return LogLevel::error;
    case Priority::audit:
    case Priority::sample:
      return std::nullopt;
  }
  return std::nullopt;
}

struct Keeping {
  std::mutex mutex;
  std::vector<TestNotifyDriver::Kept> kept;  // guarded by mutex
};

Keeping& keeping() {
  static Keeping* const leaked = new Keeping;  // used by threads that may outlive statics
  return *leaked;
}

}  // namespace

NotifyDriver::~NotifyDriver() = default;
void NotifyDriver::reload() {}
MessagingNotifyDriver::~MessagingNotifyDriver() = default;
LogNotifyDriver::~LogNotifyDriver() = default;
NoopNotifyDriver::~NoopNotifyDriver() = default;
TestNotifyDriver::~TestNotifyDriver() = default;

MessagingNotifyDriver::MessagingNotifyDriver(Transport& transport,
                                             const std::vector<std::string>& topics,
                                             Envelope envelope)
    : transport_(transport), envelope_(envelope) {
  for (const auto priority : kPriorities)
    for (const auto& topic : topics)
      targets_.at(static_cast<std::size_t>(priority))
          .push_back({.topic = topic + '.' + std::string(to_string(priority))});
}

void MessagingNotifyDriver::notify(Notification notification, Priority priority,
                                   const SendOptions& options, Completion<void>&& done) {
  const auto& targets = targets_.at(static_cast<std::size_t>(priority));
  tell_each(targets, std::move(notification), std::move(done),
            [&](const Target& target, Notification&& own, Completion<void>&& one) {
              transport_.send_notification(target, message_of(std::move(own)), envelope_, options,
                                           std::move(one));
            });
}

void LogNotifyDriver::notify(Notification notification, Priority priority, const SendOptions&,
                             Completion<void>&& done) {
  if (const auto level = level_of(priority)) {
    if (log_enabled(*level)) {
      const auto head = "oslo.messaging.notification." + printable(notification.event_type, 200);
      log(*level, head + ": " + to_json(masked(Value(message_of(std::move(notification)).body))));
    }
  } else {
    static constinit std::atomic<bool> warned = false;
    if (!warned.exchange(true)) {
      log(LogLevel::warning,
          "the notify driver 'log' has no level for audit and sample: "
          "notifications of these priorities are not logged");
    }
  }
  done.succeed();
}

void NoopNotifyDriver::notify(Notification, Priority, const SendOptions&, Completion<void>&& done) {
  done.succeed();
}

void TestNotifyDriver::notify(Notification notification, Priority priority,
                              const SendOptions& options, Completion<void>&& done) {
  {
    const std::lock_guard lock(keeping().mutex);
    keeping().kept.push_back({std::move(notification), priority, options.retry});
  }
  done.succeed();
}

std::vector<TestNotifyDriver::Kept> TestNotifyDriver::kept() {
  const std::lock_guard lock(keeping().mutex);
  return keeping().kept;
}

void TestNotifyDriver::reset() {
  const std::lock_guard lock(keeping().mutex);
  keeping().kept.clear();
}

std::shared_ptr<NotifyDriver> make_notify_driver(std::string_view name, Transport& transport,
                                                 const std::vector<std::string>& topics,
                                                 const RoutingSource& routing) {
  check_notify_driver(name);
  const bool sends = name == "messaging" || name == "messagingv2";
  if (sends && (topics.empty() || std::ranges::count(topics, "") != 0)) {
    throw ConfigurationError("the notify driver '" + printable(name, 80) +
                             "' needs a topic to send to");
  }
  if (name == "messaging") {
    return std::make_shared<MessagingNotifyDriver>(transport, topics, Envelope::v1);
  }
  if (name == "messagingv2") {
    return std::make_shared<MessagingNotifyDriver>(transport, topics, Envelope::v2);
  }
  if (name == "log") return std::make_shared<LogNotifyDriver>();
  if (name == "noop") return std::make_shared<NoopNotifyDriver>();
  if (name == "test") return std::make_shared<TestNotifyDriver>();
  return std::make_shared<RoutingNotifyDriver>(transport, topics, routing);
}

void check_notify_driver(std::string_view name) {
  constexpr std::array<std::string_view, 6> known{"messaging", "messagingv2", "log",
                                                  "noop",      "test",        "routing"};
  if (std::ranges::find(known, name) != known.end()) return;
  const auto near = nearest_name(name, known);
  throw ConfigurationError("no notify driver is called '" + printable(name, 80) + "'" +
                           (near ? "; did you mean '" + *near + "'?" : "") +
                           fmt::format(" (known: {})", fmt::join(known, ", ")));
}

}  // namespace gantry
