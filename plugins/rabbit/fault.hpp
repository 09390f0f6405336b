// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/error.hpp"

// rabbitmq-c's ways of saying that something failed, as gantry's errors.
namespace gantry::rabbit {

// There is no connection, or there is none any more. Another attempt may succeed.
class ConnectionLost final : public TransportDriverError {
 public:
  using TransportDriverError::TransportDriverError;
};

// The broker closed a channel: the request it names cannot be done, the connection stands.
class ChannelClosed final : public TransportDriverError {
 public:
  ChannelClosed(const std::string& what, amqp_channel_t channel, std::uint16_t code,
                std::string reply)
      : TransportDriverError(what), channel_(channel), code_(code), reply_(std::move(reply)) {}
  amqp_channel_t channel() const noexcept { return channel_; }
  std::uint16_t code() const noexcept { return code_; }
  const std::string& reply() const noexcept { return reply_; }  // the broker's own words
  bool not_found() const noexcept { return code_ == AMQP_NOT_FOUND; }
  bool access_refused() const noexcept { return code_ == AMQP_ACCESS_REFUSED; }
  // The size of the message that was longer than the broker takes (its max_message_size).
  std::optional<std::size_t> too_long() const noexcept;

 private:
  amqp_channel_t channel_;
  std::uint16_t code_;
  std::string reply_;
};

[[noreturn]] void throw_channel_closed(const amqp_channel_close_t& close, amqp_channel_t channel,
                                       std::string_view doing);
// AuthenticationFailed for what no further attempt can mend, else ConnectionLost.
[[noreturn]] void throw_connection_closed(const amqp_connection_close_t& close,
                                          std::string_view doing);

inline std::string_view view(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}
inline std::string text(amqp_bytes_t bytes) { return std::string(view(bytes)); }

// The library takes pointers to what it only reads.
inline amqp_bytes_t bytes(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

}  // namespace gantry::rabbit
