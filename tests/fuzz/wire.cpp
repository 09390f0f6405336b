// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message's body: each decoder takes it or throws SerializationError, and what was
// taken encodes and decodes to an equal message.
#include <string>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"
#include "property.hpp"

namespace gantry {
namespace {

using fuzz::require;

void try_request(std::string_view body) {
  auto [message, ids] = wire::decode_request(body);
  if (!ids.is_call()) {  // a cast has neither
    ids.reply_q.clear();
    ids.monitor.reset();
  }
  const auto text = wire::encode_request(message, ids);
  const auto again = wire::decode_request(text);
  require(again.message == message, "a request's message survives its body");
  require(again.ids == ids, "a request's ids survive its body");
  require(wire::encode_request(again.message, again.ids) == text, "a request has one text");
}

void try_reply(std::string_view body) {
  const auto reply = wire::decode_reply(body);
  require(!reply.is_heartbeat() || (!reply.failure && reply.result.is_null()),
          "a heartbeat has no outcome");
  const auto outcome = reply.failure ? Reply(*reply.failure) : Reply(reply.result);
  const auto again = wire::decode_reply(wire::encode_reply(outcome, reply.msg_id, reply.unique_id));
  require(again.ending, "a reply is the last");
  require(again.msg_id == reply.msg_id && again.unique_id == reply.unique_id,
          "a reply's ids survive its body");
  require(again.failure == reply.failure, "a failure survives its body");
  require(reply.failure || again.result == reply.result, "a result survives its body");
}

void try_notification(std::string_view body) {
  const auto notification = wire::decode_notification(body);
  for (const auto envelope : {Envelope::v1, Envelope::v2}) {
    const auto again = wire::decode_notification(
        wire::encode_notification(notification.message, notification.unique_id, envelope));
    require(again.message == notification.message, "a notification survives its body");
    require(again.unique_id == notification.unique_id, "a notification's id survives its body");
  }
}

void try_failure(std::string_view text) {
  const auto failure = wire::decode_failure(text);
  require(wire::decode_failure(wire::encode_failure(failure)) == failure,
          "a failure survives its text");
}

template <class Try>
void refuse_or(Try attempt, std::string_view body) {
  try {
    attempt(body);
  } catch (const SerializationError& error) {
    require(error.what()[0] != '\0', "a refusal has its reason");
  }
}

}  // namespace
}  // namespace gantry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gantry;
  const auto body = fuzz::text_of(data, size);
  refuse_or(try_request, body);
  refuse_or(try_reply, body);
  refuse_or(try_notification, body);
  refuse_or(try_failure, body);
  return 0;
}
