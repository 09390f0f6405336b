// SPDX-License-Identifier: Apache-2.0
#include "body_writer.hpp"
#include "failure.hpp"
#include "fields.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::wire {
namespace {

constexpr std::string_view kResult = "result";
constexpr std::string_view kFailure = "failure";
constexpr std::string_view kEnding = "ending";

void write_outcome(BodyWriter& body, const Value& result) {
  body.member(kResult, result).member(kFailure, nullptr);
}

void write_outcome(BodyWriter& body, const Failure& failure) {
  JsonWriter& json = body.member(kResult, nullptr).key(kFailure).open_text();
  write_failure(json, failure);
  json.close_text();
}

// What cannot be written is replaced by the reason, so that the caller need not wait for nothing.
void write_outcome(BodyWriter& body, const Reply& reply) {
  const auto begin = body.mark();
  try {
    std::visit([&body](const auto& outcome) { write_outcome(body, outcome); }, reply);
  } catch (const SerializationError& error) {
    body.rewind(begin);
    const std::string reason = std::string("the reply cannot be sent: ") + error.what();
    write_outcome(body, failure_of(std::make_exception_ptr(SerializationError(reason))));
  }
}

std::string finish(BodyWriter& body, bool ending, std::string_view msg_id,
                   std::string_view unique_id) {
  return body.member(kEnding, ending).text(kMsgId, msg_id).text(kUniqueId, unique_id).take();
}

std::optional<Failure> failure_in(const Object& inner) {
  const Value* const failure = inner.if_contains(kFailure);
  if (failure == nullptr || !is_truthy(*failure)) return std::nullopt;
  if (failure->is_string()) return decode_failure(failure->get_string());
  return Failure{.message = to_json(*failure)};
}

}  // namespace

std::string encode_reply(const Reply& reply, std::string_view msg_id, std::string_view unique_id) {
  BodyWriter body(Envelope::v2);
  write_outcome(body, reply);
  return finish(body, true, msg_id, unique_id);
}

std::string encode_heartbeat(std::string_view msg_id, std::string_view unique_id) {
  BodyWriter body(Envelope::v2);
  write_outcome(body, Value());
  return finish(body, false, msg_id, unique_id);
}

ReplyBody decode_reply(std::string_view body) {
  Object inner = open_envelope(body);
  ReplyBody reply{.msg_id = text_field(inner, kMsgId),
                  .unique_id = text_field(inner, kUniqueId),
                  .failure = failure_in(inner)};
  if (Value* const result = inner.if_contains(kResult)) reply.result = std::move(*result);
  if (const Value* const ending = inner.if_contains(kEnding)) reply.ending = is_truthy(*ending);
  return reply;
}

}  // namespace gantry::wire
