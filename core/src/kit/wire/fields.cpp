// SPDX-License-Identifier: Apache-2.0
#include "fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gantry/error.hpp"

namespace gantry::wire {
namespace {

double number_of(const Value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return 0;
  const auto& text = value.get_string();
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc() && end == text.end() && std::isfinite(number) ? number : 0;
}

std::string text_of(std::string_view key, const Value& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) {
    throw SerializationError("the message's " + std::string(key) + " is not a string");
  }
  return std::string(value.get_string());
}

// From the back, where peers put them, so that nothing has to move.
void remove_protocol_keys(Object& inner) {
  for (auto at = inner.size(); at-- > 0;) {
    const auto member = inner.begin() + static_cast<std::ptrdiff_t>(at);
    if (is_protocol_key(member->key())) inner.stable_erase(member);
  }
}

}  // namespace

bool is_protocol_key(std::string_view key) noexcept {
  if (!key.starts_with('_')) return false;
  return key == kMsgId || key == kReplyQ || key == kTimeout || key == kUniqueId ||
         key.starts_with(kContextPrefix);
}

bool is_truthy(const Value& value) noexcept {
  switch (value.kind()) {
    case boost::json::kind::null:
      return false;
    case boost::json::kind::bool_:
      return value.get_bool();
    case boost::json::kind::int64:
      return value.get_int64() != 0;
    case boost::json::kind::uint64:
      return value.get_uint64() != 0;
    case boost::json::kind::double_:
      return value.get_double() != 0;
    case boost::json::kind::string:
      return !value.get_string().empty();
    case boost::json::kind::array:
      return !value.get_array().empty();
    case boost::json::kind::object:
      return !value.get_object().empty();
  }
  return false;
}

std::string text_field(const Object& inner, std::string_view key) {
  const Value* const value = inner.if_contains(key);
  return value == nullptr ? std::string() : text_of(key, *value);
}

Value seconds(std::chrono::milliseconds duration) {
  constexpr int second = 1000;
  if (duration.count() % second == 0) return duration.count() / second;
  return static_cast<double>(duration.count()) / second;
}

std::optional<std::chrono::milliseconds> monitor_interval(const Value& seconds) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr Milliseconds longest = std::chrono::hours(24 * 365 * 100);  // fits a steady clock
  constexpr Milliseconds noise{0.01};  // of the arithmetic: 2.007 s are 2007.0000000000002 ms
  const Milliseconds interval = std::chrono::duration<double>(number_of(seconds));
  if (!(interval.count() > 0)) return std::nullopt;
  const auto whole =
      std::chrono::ceil<std::chrono::milliseconds>(std::min(interval, longest) - noise);
  return std::max(whole, std::chrono::milliseconds(1));
}

Request take_apart(Object inner) {
  Request request;
  for (auto& member : inner) {
    const std::string_view key = member.key();
    if (!key.starts_with('_')) continue;
    if (key.starts_with(kContextPrefix)) {
      request.message.context.emplace(key.substr(kContextPrefix.size()), std::move(member.value()));
    } else if (key == kMsgId) {
      request.ids.msg_id = text_of(key, member.value());
    } else if (key == kReplyQ) {
      request.ids.reply_q = text_of(key, member.value());
    } else if (key == kUniqueId) {
      request.ids.unique_id = text_of(key, member.value());
    } else if (key == kTimeout) {
      request.ids.monitor = monitor_interval(member.value());
    }
  }
  remove_protocol_keys(inner);
  request.message.body = std::move(inner);
  return request;
}

}  // namespace gantry::wire
