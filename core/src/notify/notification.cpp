// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notification.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gantry {
namespace {

std::string text_at(const Object& body, std::string_view key) {
  const auto* const value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

// The keys in the order of oslo.messaging's dict.
Message message_of(const Notification& notification) {
  Message message{.body = {}, .context = notification.context};
  message.body.reserve(6);
  message.body.emplace("message_id", notification.message_id);
  message.body.emplace("publisher_id", notification.publisher_id);
  message.body.emplace("event_type", notification.event_type);
  message.body.emplace("priority", notification.priority);
  message.body.emplace("payload", notification.payload);
  message.body.emplace("timestamp", notification.timestamp);
  return message;
}

Notification notification_of(const Message& message) {
  const auto* const payload = message.body.if_contains("payload");
  return {.event_type = text_at(message.body, "event_type"),
          .payload = payload != nullptr ? *payload : Value(),
          .publisher_id = text_at(message.body, "publisher_id"),
          .priority = text_at(message.body, "priority"),
          .message_id = text_at(message.body, "message_id"),
          .timestamp = text_at(message.body, "timestamp"),
          .context = message.context};
}

std::string timestamp_of(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto seconds = floor<std::chrono::seconds>(time);
  const auto rest = floor<std::chrono::microseconds>(time - seconds).count();
  auto text = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(seconds));
  return rest == 0 ? text : text + fmt::format(".{:06}", rest);
}

}  // namespace gantry
