// SPDX-License-Identifier: Apache-2.0
#include "reception.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"

namespace gantry::rabbit {

namespace {

// What expands further is a bomb: JSON of real messages shrinks to a tenth, seldom to a fiftieth.
// Little harm is in what stays small, and a long text of blanks is no attack.
constexpr std::size_t kMostGrowth = 100;
constexpr std::size_t kHarmless = 2U << 20;

std::string expanded(const Delivery& delivery, const Settings& settings) {
  const auto* const codec = find_codec(delivery.compression);
  if (codec == nullptr || !settings.accept_compressed)
    throw SerializationError(fmt::format(
        "the body is compressed as {}, which {}", printable(delivery.compression),
        codec == nullptr ? "is not supported" : "the option accept_compressed does not allow"));
  const auto most =
      std::min(settings.max_message_bytes, std::max(kHarmless, kMostGrowth * delivery.body.size()));
  return codec->expand(delivery.body, most);
}

}  // namespace

void make_readable(Delivery& delivery, const Settings& settings) {
  if (delivery.oversized)
    throw SerializationError(
        fmt::format("the body of {} bytes is longer than max_message_bytes", delivery.size));
  if (!delivery.headers_fault.empty()) throw SerializationError(delivery.headers_fault);
  if (delivery.content_type != wire::kContentType)
    throw SerializationError(fmt::format("the content type is '{}' instead of {}",
                                         printable(delivery.content_type), wire::kContentType));
  if (!delivery.compression.empty()) delivery.body = expanded(delivery, settings);
}

void note_unreadable(std::string_view kind, const Delivery& delivery, std::string_view queue,
                     const MessagingException& error, Ledger& ledger) {
  constexpr std::size_t excerpt = 64;
  ledger.count(Mishap::unreadable);
  ledger.warn(Mishap::unreadable,
              fmt::format("rabbit: a {} of {} bytes in the queue {} is rejected: {}; it begins "
                          "with: {}",
                          kind, delivery.size, printable(queue), error.what(),
                          printable(delivery.body, excerpt)));
}

}  // namespace gantry::rabbit
