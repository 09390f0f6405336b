// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "consumer.hpp"
#include "gantry/error.hpp"
#include "gantry/ledger.hpp"
#include "gantry/message.hpp"

// What can be read of a record. Functions without state, for any thread.
namespace gantry::kafka {

// Record headers of the driver's own; no application's begin so (docs/decisions/0017).
namespace header {
inline constexpr std::string_view kOwn = "gantry.";
inline constexpr std::string_view kReceiver = "gantry.receiver";        // which server is meant
inline constexpr std::string_view kAfter = "gantry.after";              // partition:offset
inline constexpr std::string_view kTimeToLive = "gantry.ttl";           // of a request, ms
inline constexpr std::string_view kReplyTo = "gantry.reply_to";         // topic/partition/client
inline constexpr std::string_view kClient = "gantry.client";            // whom a reply is for
inline constexpr std::string_view kCorrelation = "gantry.correlation";  // the request's id
}  // namespace header

Partition partition_of(const rd_kafka_message_t& record);

// Throws SerializationError for a record without a value.
std::string_view body_of(const rd_kafka_message_t& record);
// The last of that name; none where there is none.
std::optional<std::string_view> header_of(const rd_kafka_message_t& record, std::string_view name);
// The application's headers.
Headers headers_of(const rd_kafka_message_t& record);
// How long ago it was written, by the clock that wrote its timestamp; 0 where it has none.
std::chrono::milliseconds age_of(const rd_kafka_message_t& record);

// Counts a record that is passed over, and logs it with the beginning of its body.
void note_unreadable(std::string_view kind, const rd_kafka_message_t& record,
                     const MessagingException& error, Ledger& ledger);

}  // namespace gantry::kafka
