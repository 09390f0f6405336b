// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notifier.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <future>
#include <utility>

#include "../ascii.hpp"
#include "../document_memory.hpp"
#include "../exception_text.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "together.hpp"

namespace gantry {
namespace {

using Drivers = std::vector<std::shared_ptr<NotifyDriver>>;

Drivers make_drivers(Transport& transport, const NotifierOptions& options) {
  Drivers drivers;
  for (const auto& name : options.drivers) {
    drivers.push_back(make_notify_driver(name, transport, options.topics, options.routing));
  }
  return drivers;
}

Drivers at_least_one(Drivers drivers) {
  if (!drivers.empty()) return drivers;
  throw ConfigurationError("a notifier without a driver tells nobody: name one, or 'noop'");
}

}  // namespace

std::vector<std::string> NotifierOptions::default_context_keys() {
  return {"user_id",
          "project_id",
          "domain_id",
          "user_domain_id",
          "project_domain_id",
          "is_admin",
          "request_id",
          "roles",
          "user_name",
          "project_name",
          "domain_name",
          "user_domain_name",
          "project_domain_name",
          "service_user_id",
          "service_user_domain_id",
          "service_user_domain_name",
          "service_project_id",
          "service_project_name",
          "service_project_domain_id",
          "service_project_domain_name",
          "service_roles",
          "global_request_id",
          "system_scope",
          "user",
          "domain",
          "user_domain",
          "project_domain"};
}

// What is under way, and what was turned away.
struct Notifier::Window {
  explicit Window(std::optional<std::size_t> limit) : most(limit.value_or(SIZE_MAX)) {}

  const std::size_t most;
  std::atomic<std::size_t> under_way = 0;
  std::atomic<std::uint64_t> dropped = 0;

  bool enter() {
    if (under_way.fetch_add(1) < most) return true;
    leave();
    ++dropped;
    return false;
  }
  void leave() { --under_way; }
};

Notifier::Notifier(Transport& transport, NotifierOptions options)
    : options_(std::move(options)),
      drivers_(at_least_one(make_drivers(transport, options_))),
      window_(std::make_shared<Window>(options_.max_under_way)) {}

Notifier::Notifier(Transport&, NotifierOptions options,
                   std::vector<std::shared_ptr<NotifyDriver>> drivers)
    : options_(std::move(options)),
      drivers_(at_least_one(std::move(drivers))),
      window_(std::make_shared<Window>(options_.max_under_way)) {}

Notifier Notifier::prepare(const Prepared& overrides) const {
  Notifier prepared = *this;
  std::optional<std::string> publisher_id = options_.publisher_id;
  overrides.publisher_id.apply_to(publisher_id);
  prepared.options_.publisher_id = publisher_id.value_or("");
  std::optional<int> retry = options_.retry;
  overrides.retry.apply_to(retry);
  prepared.options_.retry = retry.value_or(-1);
  return prepared;
}

void Notifier::send(Notification&& notification, Priority priority, Completion<void> done) const {
  tell_each(drivers_, std::move(notification), std::move(done),
            [&](const auto& driver, Notification&& own, Completion<void>&& one) {
              driver->notify(std::move(own), priority, send_options(), std::move(one));
            });
}

std::string Notifier::notify_async(Priority priority, std::string_view event_type,
                                   const Value& payload, const Object& context,
                                   Completion<void> done) const {
  auto told = notification(priority, event_type, payload, context);
  if (!window_->enter()) {
    done.fail(MessageDeliveryFailure("the notification was dropped: " +
                                     std::to_string(window_->most) + " are under way already"));
    return std::move(told.message_id);
  }
  auto id = told.message_id;
  send(std::move(told), priority,
       Completion<void>([window = window_, done = std::move(done)](Outcome<void> outcome) mutable {
         window->leave();
         done.tell(std::move(outcome));
       }));
  return id;
}

std::string Notifier::notify_or_throw(Priority priority, std::string_view event_type,
                                      const Value& payload, const Object& context) const {
  auto told = notification(priority, event_type, payload, context);
  auto id = told.message_id;
  std::promise<Outcome<void>> ended;
  auto end = ended.get_future();
  send(std::move(told), priority,
       Completion<void>([ended = std::move(ended)](Outcome<void> outcome) mutable {
         ended.set_value(std::move(outcome));
       }));
  end.get().get();
  return id;
}

void Notifier::notify(Priority priority, std::string_view event_type, const Value& payload,
                      const Object& context) const {
  try {
    notify_or_throw(priority, event_type, payload, context);
  } catch (...) {
    log(LogLevel::error, "the notification '" + printable(event_type, 200) +
                             "' was not sent: " + text_of(std::current_exception()));
  }
}

void Notifier::audit(std::string_view event_type, const Value& payload,
                     const Object& context) const {
  notify(Priority::audit, event_type, payload, context);
}
void Notifier::debug(std::string_view event_type, const Value& payload,
                     const Object& context) const {
  notify(Priority::debug, event_type, payload, context);
}
void Notifier::info(std::string_view event_type, const Value& payload,
                    const Object& context) const {
  notify(Priority::info, event_type, payload, context);
}
void Notifier::warn(std::string_view event_type, const Value& payload,
                    const Object& context) const {
  notify(Priority::warn, event_type, payload, context);
}
void Notifier::error(std::string_view event_type, const Value& payload,
                     const Object& context) const {
  notify(Priority::error, event_type, payload, context);
}
void Notifier::critical(std::string_view event_type, const Value& payload,
                        const Object& context) const {
  notify(Priority::critical, event_type, payload, context);
}
void Notifier::sample(std::string_view event_type, const Value& payload,
                      const Object& context) const {
  notify(Priority::sample, event_type, payload, context);
}

std::uint64_t Notifier::dropped() const noexcept { return window_->dropped; }

void Notifier::reload() const {
  for (const auto& driver : drivers_) driver->reload();
}

bool Notifier::is_enabled() const noexcept {
  return std::ranges::any_of(drivers_, [](const auto& driver) {
    return dynamic_cast<const NoopNotifyDriver*>(driver.get()) == nullptr;
  });
}

// The payload with the whole context, then the context redacted, then serialized (NTF-5).
Notification Notifier::notification(Priority priority, std::string_view event_type,
                                    const Value& payload, const Object& context) const {
  const auto* const serializer = options_.serializer.get();
  Notification told{.event_type = std::string(event_type),
                    .payload = serializer != nullptr
                                   ? serializer->serialize_entity(context, payload)
                                   : Value(payload, document_memory()),
                    .publisher_id = options_.publisher_id,
                    .priority = upper(std::string(to_string(priority))),
                    .message_id = wire::new_uuid(),
                    .timestamp = timestamp_of(std::chrono::system_clock::now()),
                    .context = redacted(context)};
  if (serializer != nullptr) told.context = serializer->serialize_context(told.context);
  return told;
}

Object Notifier::redacted(const Object& context) const {
  Object kept;
  if (context.empty()) return kept;
  for (const auto& key : options_.context_keys) {
    if (const auto* const value = context.if_contains(key)) kept.emplace(key, *value);
  }
  return kept;
}

SendOptions Notifier::send_options() const {
  SendOptions options;
  if (options_.timeout) options.deadline = Deadline::after(*options_.timeout);
  options.retry = options_.retry;
  options.on_doubt = options_.on_doubt;
  return options;
}

}  // namespace gantry
