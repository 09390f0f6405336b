// SPDX-License-Identifier: Apache-2.0
#include "reception.hpp"

#include <fmt/format.h>

#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"

namespace gantry::rabbit {

void check_readable(const Delivery& delivery) {
  if (delivery.oversized)
    throw SerializationError(
        fmt::format("the body of {} bytes is longer than max_message_bytes", delivery.size));
  if (!delivery.headers_fault.empty()) throw SerializationError(delivery.headers_fault);
  if (delivery.content_type != wire::kContentType)
    throw SerializationError(fmt::format("the content type is '{}' instead of {}",
                                         printable(delivery.content_type), wire::kContentType));
  if (!delivery.compression.empty())
    throw SerializationError(fmt::format("the body is compressed as {}, which is not enabled",
                                         printable(delivery.compression)));
}

void log_unreadable(std::string_view kind, const Delivery& delivery,
                    const MessagingException& error) {
  constexpr std::size_t kExcerpt = 64;
  log(LogLevel::warning,
      fmt::format("rabbit: a {} of {} bytes is rejected: {}; it begins with: {}", kind,
                  delivery.size, error.what(), printable(delivery.body, kExcerpt)));
}

}  // namespace gantry::rabbit
