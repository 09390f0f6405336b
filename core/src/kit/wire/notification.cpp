// SPDX-License-Identifier: Apache-2.0
#include "body_writer.hpp"
#include "fields.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::wire {

std::string encode_notification(const Message& message, std::string_view unique_id,
                                Envelope envelope) {
  BodyWriter body(envelope);
  return body.content(message.body).text(kUniqueId, unique_id).context(message.context).take();
}

Notification decode_notification(std::string_view body) {
  Request parts = take_apart(open_envelope(body));
  return {std::move(parts.message), std::move(parts.ids.unique_id)};
}

}  // namespace gantry::wire
