// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/filter.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

using Expression = std::unique_ptr<const re2::RE2>;
using Rules = std::vector<std::pair<std::string, Expression>>;

Expression compiled(const std::string& name, const std::string& expression) {
  auto regex = std::make_unique<const re2::RE2>(expression, re2::RE2::Quiet);
  if (!regex->ok()) {
    throw InvalidArgument("the filter's expression for " + printable(name, 80) + ", '" +
                          printable(expression, 200) +
                          "', is no regular expression: " + regex->error());
  }
  return regex;
}

Expression compiled(const char* name, const std::optional<std::string>& expression) {
  return expression ? compiled(std::string(name), *expression) : nullptr;
}

Rules compiled(const char* part, const std::map<std::string, std::string>& rules) {
  Rules all;
  for (const auto& [key, expression] : rules) {
    all.emplace_back(key, compiled(part + ('.' + key), expression));
  }
  return all;
}

bool fits(const re2::RE2& expression, std::string_view text) {
  return expression.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_START,
                          nullptr, 0);
}

bool fits(const re2::RE2& expression, const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::string:
      return fits(expression, std::string_view(value.get_string()));
    case boost::json::kind::array:
      return std::ranges::any_of(value.get_array(),
                                 [&](const Value& element) { return fits(expression, element); });
    case boost::json::kind::object:
    case boost::json::kind::null:
      return false;
    default:
      return fits(expression, std::string_view(to_json(value)));
  }
}

bool fits(const Rules& rules, const Object& object) {
  return std::ranges::all_of(rules, [&](const auto& rule) {
    const auto* const value = object.if_contains(rule.first);
    return value != nullptr && fits(*rule.second, *value);
  });
}

bool fits(const Rules& rules, const Value& value) {
  return rules.empty() || (value.is_object() && fits(rules, value.get_object()));
}

}  // namespace

struct NotificationFilter::Compiled {
  Rules context;
  Expression publisher_id;
  Expression event_type;
  Rules metadata;
  Rules payload;
};

NotificationFilter::NotificationFilter(const FilterRules& rules)
    : compiled_(std::make_shared<const Compiled>(
          Compiled{compiled("context", rules.context), compiled("publisher_id", rules.publisher_id),
                   compiled("event_type", rules.event_type), compiled("metadata", rules.metadata),
                   compiled("payload", rules.payload)})) {}

bool NotificationFilter::matches(const Notification& notification) const {
  const auto& [context, publisher_id, event_type, metadata, payload] = *compiled_;
  if (publisher_id && !fits(*publisher_id, notification.publisher_id)) return false;
  if (event_type && !fits(*event_type, notification.event_type)) return false;
  const Object facts{{"message_id", notification.message_id},
                     {"timestamp", notification.timestamp}};
  return fits(context, notification.context) && fits(metadata, facts) &&
         fits(payload, notification.payload);
}

}  // namespace gantry
