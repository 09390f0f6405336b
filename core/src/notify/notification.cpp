// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notification.hpp"

#include <cstdint>
#include <utility>

namespace gantry {
namespace {

std::string text_at(const Object& body, std::string_view key) {
  const auto* const value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

void write_number(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
  for (; digits > 0; number /= 10) text[at + --digits] = static_cast<char>('0' + number % 10);
}

}  // namespace

// The keys in the order of oslo.messaging's dict. The rest stands where the payload does.
Message message_of(Notification notification) {
  const auto memory = notification.payload.storage();
  Message message{.body = Object(memory), .context = Object(notification.context, memory)};
  message.body.reserve(6);
  message.body.emplace("message_id", notification.message_id);
  message.body.emplace("publisher_id", notification.publisher_id);
  message.body.emplace("event_type", notification.event_type);
  message.body.emplace("priority", notification.priority);
  message.body.emplace("payload", std::move(notification.payload));
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

// Its numbers one by one: fmt's format of times takes ten times as long, a tenth of a notification.
std::string timestamp_of(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::microseconds>(time - day));
  std::string text = "0000-00-00 00:00:00.000000";
  write_number(text, 0, 4, static_cast<int>(date.year()));
  write_number(text, 5, 2, static_cast<unsigned>(date.month()));
  write_number(text, 8, 2, static_cast<unsigned>(date.day()));
  write_number(text, 11, 2, clock.hours().count());
  write_number(text, 14, 2, clock.minutes().count());
  write_number(text, 17, 2, clock.seconds().count());
  write_number(text, 20, 6, clock.subseconds().count());
  constexpr std::size_t without_fraction = 19;
  if (clock.subseconds().count() == 0) text.resize(without_fraction);
  return text;
}

}  // namespace gantry
