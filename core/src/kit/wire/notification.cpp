// SPDX-License-Identifier: Apache-2.0
#include "body_writer.hpp"
#include "envelope.hpp"
#include "fields.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::wire {
namespace {

// A bare object with both keys would be opened as an envelope.
void refuse_what_looks_sealed(const Object& body) {
  if (!body.contains(kVersionKey) || !body.contains(kMessageKey)) return;
  throw SerializationError(
      "a body with oslo.version and oslo.message looks like an envelope; send it as messagingv2");
}

}  // namespace

std::string encode_notification(const Message& message, std::string_view unique_id,
                                Envelope envelope) {
  if (envelope == Envelope::v1) refuse_what_looks_sealed(message.body);
  BodyWriter body(envelope);
  return body.content(message.body).text(kUniqueId, unique_id).context(message.context).take();
}

Notification decode_notification(std::string_view body) {
  Request parts = take_apart(open_envelope(body));
  return {std::move(parts.message), std::move(parts.ids.unique_id)};
}

std::string encode_notification_record(const Message& message) {
  if (message.body.contains(kContext))
    throw SerializationError("the body's key '_context' is reserved for the protocol");
  BodyWriter body(Envelope::v2);
  return body.content(message.body).member(kContext, message.context).take();
}

Message decode_notification_record(std::string_view body) {
  Message message{.body = open_envelope(body)};
  auto* const context = message.body.if_contains(kContext);
  if (context == nullptr) throw SerializationError("the notification has no _context");
  if (!context->is_object()) throw SerializationError("the notification's _context is no object");
  message.context = std::move(context->get_object());
  message.body.stable_erase(message.body.find(kContext));
  return message;
}

}  // namespace gantry::wire
