// SPDX-License-Identifier: Apache-2.0
#include "fault.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "gantry/log.hpp"

namespace gantry::rabbit {

std::optional<std::size_t> ChannelClosed::too_long() const noexcept {
  constexpr std::string_view before = "message size ";
  const auto found = reply_.find(before);
  if (code_ != AMQP_PRECONDITION_FAILED || found == reply_.npos) return std::nullopt;
  const auto digits = std::string_view(reply_).substr(found + before.size());
  std::size_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  return read.ec == std::errc() ? std::optional(size) : std::nullopt;
}

void throw_channel_closed(const amqp_channel_close_t& close, amqp_channel_t channel,
                          std::string_view doing) {
  throw ChannelClosed(
      fmt::format("{}: the broker answered {}", doing, printable(view(close.reply_text))), channel,
      close.reply_code, text(close.reply_text));
}

void throw_connection_closed(const amqp_connection_close_t& close, std::string_view doing) {
  const auto what = fmt::format("{}: the broker closed the connection: {}", doing,
                                printable(view(close.reply_text)));
  if (close.reply_code == AMQP_ACCESS_REFUSED || close.reply_code == AMQP_NOT_ALLOWED)
    throw AuthenticationFailed(what);
  throw ConnectionLost(what);
}

}  // namespace gantry::rabbit
