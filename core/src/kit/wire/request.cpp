// SPDX-License-Identifier: Apache-2.0
#include "body_writer.hpp"
#include "fields.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::wire {

std::string encode_request(const Message& message, const RequestIds& ids) {
  BodyWriter body(Envelope::v2);
  body.content(message.body);
  if (ids.is_call()) {
    body.text(kMsgId, ids.msg_id).text(kReplyQ, ids.reply_q);
    body.member(kTimeout, ids.monitor ? seconds(*ids.monitor) : Value());
  }
  return body.text(kUniqueId, ids.unique_id).context(message.context).take();
}

Request decode_request(std::string_view body) { return take_apart(open_envelope(body)); }

}  // namespace gantry::wire
