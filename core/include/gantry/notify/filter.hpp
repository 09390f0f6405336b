// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gantry/export.hpp"
#include "gantry/notify/notification.hpp"

namespace gantry {

// Regular expressions (RE2's, matched from the start of a text and not to its end) that a
// notification has to fit; what is left out fits anything.
struct FilterRules {
  std::map<std::string, std::string> context{};  // key → expression
  std::optional<std::string> publisher_id{};
  std::optional<std::string> event_type{};
  std::map<std::string, std::string> metadata{};  // message_id, timestamp
  std::map<std::string, std::string> payload{};
};

// Which notifications an endpoint wants (semantics FLT). Matching takes time linear in the text,
// whatever the expression. Copies share the compiled expressions. [any thread]
class GANTRY_API NotificationFilter {
 public:
  // Throws InvalidArgument that names the rule and says what is wrong with its expression.
  explicit NotificationFilter(const FilterRules& rules);

  // A key that is missing, or whose value is an object, does not fit. Numbers and booleans are
  // matched as JSON writes them; a list fits when one of its elements does.
  bool matches(const Notification& notification) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace gantry
