// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"
#include "gantry/message.hpp"

// oslo.messaging's format: envelope, flattened context, requests, replies, failures, notifications.
// The one place that knows it. Functions without state, for any thread.
//
// Encoding throws SerializationError for what cannot be written. Decoding throws SerializationError
// for a body that is to be rejected, UnsupportedEnvelope for a foreign envelope version (wire
// §5.1).
namespace gantry::wire {

inline constexpr std::string_view kContentType = "application/json";
inline constexpr std::string_view kContentEncoding = "utf-8";

// 32 lower-case hexadecimal digits, random: `_msg_id`, `_unique_id`, suffixes of queue names.
GANTRY_API std::string new_id();
// The same as 8-4-4-4-12: a notification's `message_id`.
GANTRY_API std::string new_uuid();

// Opens the envelope: the inner object of a body. A bare object is its own inner object; an empty
// body is an empty object (wire §5.1).
GANTRY_API Object open_envelope(std::string_view body);

// The protocol's part of a request.
struct RequestIds {
  std::string msg_id{};     // calls only
  std::string reply_q{};    // calls only
  std::string unique_id{};  // always; the receiver's protection against duplicates
  std::optional<std::chrono::milliseconds> monitor{};  // call_monitor_timeout

  bool is_call() const noexcept { return !msg_id.empty(); }
  friend bool operator==(const RequestIds&, const RequestIds&) = default;
};

GANTRY_API std::string encode_request(const Message& message, const RequestIds& ids);

struct Request {
  Message message;
  RequestIds ids;
};
GANTRY_API Request decode_request(std::string_view body);

// A reply to `msg_id`. What cannot be written is replaced by a failure that says so (RPCS-10), so
// this one does not throw SerializationError.
GANTRY_API std::string encode_reply(const Reply& reply, std::string_view msg_id,
                                    std::string_view unique_id);
// The call monitor's sign of life: a reply without result and not the last one.
GANTRY_API std::string encode_heartbeat(std::string_view msg_id, std::string_view unique_id);

struct ReplyBody {
  std::string msg_id;
  std::string unique_id;  // empty where the sender gave none
  std::optional<Failure> failure{};
  Value result{};
  bool ending = false;

  bool is_heartbeat() const noexcept { return !ending && !failure && result.is_null(); }
};
GANTRY_API ReplyBody decode_reply(std::string_view body);

// The text of a reply's `failure` and back. Text that is no failure object becomes one with the raw
// text as its message (EXC-8), so decoding does not throw.
GANTRY_API std::string encode_failure(const Failure& failure);
GANTRY_API Failure decode_failure(std::string_view text);

// A notification on RabbitMQ: the context flattened, `_unique_id` after the message's own keys.
GANTRY_API std::string encode_notification(const Message& message, std::string_view unique_id,
                                           Envelope envelope);
struct Notification {
  Message message;
  std::string unique_id;  // empty where the sender gave none
};
GANTRY_API Notification decode_notification(std::string_view body);

// A notification on Kafka: always in the envelope, the context one object under `_context`, which
// has to be there (wire §11).
GANTRY_API std::string encode_notification_record(const Message& message);
GANTRY_API Message decode_notification_record(std::string_view body);

}  // namespace gantry::wire
