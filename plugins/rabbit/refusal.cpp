// SPDX-License-Identifier: Apache-2.0
#include "refusal.hpp"

#include <optional>
#include <string_view>

#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

// What stands between two texts; the second may be the end.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  const auto found = text.find(before);
  if (found == text.npos) return std::nullopt;
  text.remove_prefix(found + before.size());
  const auto end = after.empty() ? text.size() : text.find(after);
  if (end == text.npos) return std::nullopt;
  return text.substr(0, end);
}

std::string unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '\'' && value.back() == '\'';
  return printable(quoted ? value.substr(1, value.size() - 2) : value);
}

// "queue 'calc'" of "NOT_FOUND - no queue 'calc' in vhost '/'".
std::string entity_of(std::string_view reply) {
  for (const std::string kind : {"exchange", "queue"}) {
    if (const auto name = between(reply, kind + " '", "' in vhost"))
      return kind + " '" + printable(*name) + '\'';
  }
  return {};
}

std::exception_ptr topology_mismatch(const std::string& what, std::string_view reply,
                                     std::string_view argument) {
  return std::make_exception_ptr(TopologyMismatch(
      what + " (give both sides the same options, or delete it at the broker)", entity_of(reply),
      printable(argument), unquoted(between(reply, "current is ", "").value_or("")),
      unquoted(between(reply, "received ", " but current is").value_or(""))));
}

}  // namespace

std::exception_ptr refusal(const std::string& what, const ChannelClosed& closed) {
  const auto& reply = closed.reply();
  if (closed.access_refused())
    return std::make_exception_ptr(
        AccessRefused(what + " (the user's permissions do not allow it)", entity_of(reply)));
  if (closed.not_found()) return std::make_exception_ptr(EntityNotFound(what, entity_of(reply)));
  if (closed.too_long())
    return std::make_exception_ptr(
        MessageDeliveryFailure(what + " (send less, or raise max_message_size at the broker)"));
  if (const auto argument = between(reply, "inequivalent arg '", "' for "))
    return topology_mismatch(what, reply, *argument);
  return std::make_exception_ptr(TransportDriverError(what));
}

}  // namespace gantry::rabbit
