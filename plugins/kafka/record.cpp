// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gantry/log.hpp"
#include "handles.hpp"

namespace gantry::kafka {
namespace {

std::string_view text_of(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

Partition partition_of(const rd_kafka_message_t& record) {
  return {rd_kafka_topic_name(record.rkt), record.partition};
}

std::string_view body_of(const rd_kafka_message_t& record) {
  if (record.payload == nullptr) throw SerializationError("the record has no value");
  return text_of(record.payload, record.len);
}

std::optional<std::string_view> header_of(const rd_kafka_message_t& record, std::string_view name) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, std::string(name).c_str(), &value, &size) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  return text_of(value, size);
}

Headers headers_of(const rd_kafka_message_t& record) {
  Headers found;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    if (!std::string_view(name).starts_with(header::kOwn)) found[name] = text_of(value, size);
  return found;
}

std::chrono::milliseconds age_of(const rd_kafka_message_t& record) {
  rd_kafka_timestamp_type_t type{};
  const std::chrono::milliseconds written(rd_kafka_message_timestamp(&record, &type));
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) return {};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(now) - written,
                  std::chrono::milliseconds(0));
}

void note_unreadable(std::string_view kind, const rd_kafka_message_t& record,
                     const MessagingException& error, Ledger& ledger) {
  constexpr std::size_t excerpt = 64;
  ledger.count(Mishap::unreadable);
  ledger.warn(
      Mishap::unreadable,
      fmt::format("kafka: a {} of {} bytes is passed over (topic {}, partition {}, offset {}): {}; "
                  "it begins with: {}",
                  kind, record.len, rd_kafka_topic_name(record.rkt), record.partition,
                  record.offset, error.what(),
                  printable(text_of(record.payload, record.len), excerpt)));
}

}  // namespace gantry::kafka
