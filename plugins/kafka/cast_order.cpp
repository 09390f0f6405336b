// SPDX-License-Identifier: Apache-2.0
#include "cast_order.hpp"

#include <fmt/format.h>

#include <charconv>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {

void CastOrder::stored(const std::string& topic, const StoredAt& where) {
  const std::lock_guard lock(mutex_);
  last_[topic] = where;
}

std::string CastOrder::after(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto last = last_.find(topic);
  if (last == last_.end()) return {};
  return fmt::format("{}:{}", last->second.partition, last->second.offset);
}

StoredAt CastOrder::parse(std::string_view header) {
  StoredAt where;
  const auto* const end = header.data() + header.size();
  const auto partition = std::from_chars(header.data(), end, where.partition);
  if (partition.ec == std::errc() && partition.ptr != end && *partition.ptr == ':') {
    const auto offset = std::from_chars(partition.ptr + 1, end, where.offset);
    if (offset.ec == std::errc() && offset.ptr == end) return where;
  }
  throw SerializationError(
      fmt::format("'{}' is no place in a topic (partition:offset)", printable(header)));
}

}  // namespace gantry::kafka
