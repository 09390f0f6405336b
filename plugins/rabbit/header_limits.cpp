// SPDX-License-Identifier: Apache-2.0
#include "header_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::rabbit {
namespace {

// What a table holds, down to the greatest depth that is looked at.
struct Extent {
  int entries = 0;
  std::size_t bytes = 0;  // of names and texts
  int depth = 0;
};

void measure(const amqp_table_t& table, int depth, Extent& extent);

void measure(const amqp_field_value_t& field, int depth, Extent& extent) {
  switch (field.kind) {
    case AMQP_FIELD_KIND_TABLE:
      return measure(field.value.table, depth + 1, extent);
    case AMQP_FIELD_KIND_ARRAY:
      extent.depth = std::max(extent.depth, depth + 1);
      if (extent.depth > kMaxHeaderDepth) return;
      extent.entries += field.value.array.num_entries;
      for (int i = 0; i < field.value.array.num_entries; ++i)
        measure(field.value.array.entries[i], depth + 1, extent);
      return;
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      extent.bytes += field.value.bytes.len;
      return;
    default:
      return;
  }
}

void measure(const amqp_table_t& table, int depth, Extent& extent) {
  extent.depth = std::max(extent.depth, depth);
  if (extent.depth > kMaxHeaderDepth) return;
  extent.entries += table.num_entries;
  for (int i = 0; i < table.num_entries; ++i) {
    extent.bytes += table.entries[i].key.len;
    measure(table.entries[i].value, depth, extent);
  }
}

}  // namespace

std::string headers_fault(const amqp_table_t& headers) {
  Extent extent;
  measure(headers, 1, extent);
  if (extent.depth > kMaxHeaderDepth)
    return fmt::format("its headers are nested more than {} deep", kMaxHeaderDepth);
  if (extent.entries > kMaxHeaders)
    return fmt::format("it has {} headers, and {} are allowed", extent.entries, kMaxHeaders);
  if (extent.bytes > kMaxHeaderBytes)
    return fmt::format("its headers have {} bytes, and {} are allowed", extent.bytes,
                       kMaxHeaderBytes);
  return "";
}

}  // namespace gantry::rabbit
