// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message's body: each decoder takes it or throws SerializationError, and what was
// taken encodes and decodes to an equal message.
#include <optional>
#include <string>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"
#include "property.hpp"

namespace gantry {
namespace {

using fuzz::require;

void survives(wire::Request request) {
  auto& [message, ids] = request;
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

void survives(const wire::ReplyBody& reply) {
  require(!reply.is_heartbeat() || !reply.ending, "a heartbeat is not the last");
  const auto outcome = reply.failure ? Reply(*reply.failure) : Reply(reply.result);
  const auto again = wire::decode_reply(wire::encode_reply(outcome, reply.msg_id, reply.unique_id));
  require(again.ending, "a reply is the last");
  require(again.msg_id == reply.msg_id && again.unique_id == reply.unique_id,
          "a reply's ids survive its body");
  require(again.failure == reply.failure, "a failure survives its body");
  require(reply.failure || again.result == reply.result, "a result survives its body");
}

// A bare object with the envelope's keys would be taken for one, so it has one format only.
bool looks_sealed(const Object& body) {
  return body.contains("oslo.version") && body.contains("oslo.message");
}

void survives(const wire::Notification& notification) {
  const auto& [message, unique_id] = notification;
  for (const auto envelope : {Envelope::v1, Envelope::v2}) {
    if (envelope == Envelope::v1 && looks_sealed(message.body)) continue;
    const auto again =
        wire::decode_notification(wire::encode_notification(message, unique_id, envelope));
    require(again.message == message, "a notification survives its body");
    require(again.unique_id == unique_id, "a notification's id survives its body");
  }
}

// In a reply the text of a failure comes out of JSON; here it may be no UTF-8, which stays as it is
// and cannot be written.
void survives(const Failure& failure) {
  std::string text;
  try {
    text = wire::encode_failure(failure);
  } catch (const SerializationError&) {
    return;
  }
  require(wire::decode_failure(text) == failure, "a failure survives its text");
}

// What does not decode is refused; what does also encodes.
template <class Decode>
void try_decoder(Decode decode, std::string_view body) {
  std::optional<decltype(decode(body))> decoded;
  try {
    decoded = decode(body);
  } catch (const SerializationError& error) {
    require(error.what()[0] != '\0', "a refusal has its reason");
    return;
  }
  survives(*decoded);
}

}  // namespace
}  // namespace gantry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gantry;
  const auto body = fuzz::text_of(data, size);
  try_decoder(wire::decode_request, body);
  try_decoder(wire::decode_reply, body);
  try_decoder(wire::decode_notification, body);
  try_decoder(wire::decode_failure, body);
  return 0;
}
