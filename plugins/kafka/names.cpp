// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

// Changing this moves every named server to another topic.
constexpr std::uint64_t kServerTopics = 64;
constexpr std::size_t kLongestName = 249;

bool is_plain(char c, bool dot_is_plain) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         (c == '.' && dot_is_plain);
}

// Two texts never become the same.
std::string escaped(std::string_view text, bool dot_is_plain) {
  std::string name;
  for (const char c : text) {
    if (is_plain(c, dot_is_plain)) {
      name += c;
    } else {
      name += fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

std::string checked(std::string name, const Address& address) {
  if (name.size() <= kLongestName) return name;
  throw InvalidArgument(fmt::format(
      "{} in exchange {} would have a Kafka name of {} bytes, and Kafka allows {}; choose shorter "
      "names",
      printable(address.name(), 80), printable(address.exchange, 80), name.size(), kLongestName));
}

}  // namespace

std::uint64_t stable_hash(std::string_view key) noexcept {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

RpcAddress rpc_address(const Address& address, std::string_view prefix) {
  const auto exchange = escaped(address.exchange, false);
  const auto topic = escaped(address.topic, true);
  switch (address.reach) {
    case Address::Reach::topic:
      return {.topic = checked(fmt::format("{}.topic.{}.{}", prefix, exchange, topic), address),
              .group = fmt::format("{}.topic/{}/{}", prefix, exchange, topic)};
    case Address::Reach::server: {
      auto group =
          fmt::format("{}.server/{}/{}/{}", prefix, exchange, topic, escaped(address.server, true));
      const auto place = stable_hash(receiver_of(address)) % kServerTopics;
      return {.topic = fmt::format("{}.server.{:02}", prefix, place), .group = std::move(group)};
    }
    case Address::Reach::fanout:
      break;
  }
  return {.topic = checked(fmt::format("{}.fanout.{}.{}", prefix, exchange, topic), address)};
}

void check_topic(std::string_view name) {
  const auto allowed = [](char c) { return is_plain(c, true) || c == '_'; };
  if (!name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, allowed) &&
      name != "." && name != "..")
    return;
  throw InvalidArgument(fmt::format(
      "'{}' cannot be a Kafka topic: use 1 to {} letters, digits, dots, dashes and underscores",
      printable(name), kLongestName));
}

std::string reply_topic(std::string_view prefix) { return fmt::format("{}.reply", prefix); }

std::string receiver_of(const Address& address) {
  return fmt::format("{}/{}/{}", escaped(address.exchange, true), escaped(address.topic, true),
                     escaped(address.server, true));
}

}  // namespace gantry::kafka
