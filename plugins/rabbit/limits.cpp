// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kMostHeaders = 100;
constexpr std::size_t kMostHeaderBytes = 65536;

void check_headers(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    check_name("header", name);
    bytes += name.size() + value.size();
  }
  if (headers.size() > kMostHeaders || bytes > kMostHeaderBytes)
    throw InvalidArgument(
        fmt::format("the message has {} headers of {} bytes together, and at most {} of {} can be "
                    "sent; put data into its body",
                    headers.size(), bytes, kMostHeaders, kMostHeaderBytes));
}

}  // namespace

void check_name(std::string_view what, std::string_view name) {
  if (name.size() <= kLongestName) return;
  throw InvalidArgument(fmt::format(
      "the {} {}… would have a name of {} bytes, and AMQP allows {}; choose shorter names", what,
      printable(name, 40), name.size(), kLongestName));
}

void check_sendable(const Publish::Content& content, const Settings& settings) {
  check_name("exchange", content.exchange);
  check_name("routing key", content.routing_key);
  check_headers(content.headers);
  if (content.body.size() <= settings.max_message_bytes) return;
  throw InvalidArgument(fmt::format(
      "{} is {} bytes long, and max_message_bytes allows {}: send less, or raise that here and the "
      "limit of the broker (max_message_size)",
      content.what, content.body.size(), settings.max_message_bytes));
}

}  // namespace gantry::rabbit
