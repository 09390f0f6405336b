// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/passage.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "fields.hpp"
#include "gantry/json.hpp"

namespace gantry::wire {
namespace {

// Most keys are short and plain, and sooner looked at than asked about.
bool passes(std::string_view text) {
  const auto is_ascii = [](unsigned char c) { return c < 0x80; };
  if (text.size() <= 16 && std::ranges::all_of(text, is_ascii)) return true;
  return simdjson::validate_utf8(text.data(), text.size());
}

// Whether the value can be written. Makes of it what is read then: an unsigned number that is small
// enough comes back as a signed one.
bool passes(Value& value, int depth);

bool passes(Object& object, int depth) {
  return depth < kMaxJsonDepth && std::ranges::all_of(object, [depth](auto& member) {
           return passes(member.key()) && passes(member.value(), depth + 1);
         });
}

bool passes(Array& array, int depth) {
  return depth < kMaxJsonDepth &&
         std::ranges::all_of(array, [depth](Value& item) { return passes(item, depth + 1); });
}

bool passes(Value& value, int depth) {
  switch (value.kind()) {
    case boost::json::kind::null:
    case boost::json::kind::bool_:
    case boost::json::kind::int64:
      return true;
    case boost::json::kind::uint64:
      if (value.get_uint64() <= INT64_MAX) value = static_cast<std::int64_t>(value.get_uint64());
      return true;
    case boost::json::kind::double_:
      return std::isfinite(value.get_double());
    case boost::json::kind::string:
      return passes(value.get_string());
    case boost::json::kind::array:
      return passes(value.get_array(), depth);
    case boost::json::kind::object:
      return passes(value.get_object(), depth);
  }
  return false;
}

bool has_protocol_key(const Object& body) {
  return std::ranges::any_of(body,
                             [](const auto& member) { return is_protocol_key(member.key()); });
}

}  // namespace

// What does not pass is written, which tells why it cannot be. What passes is kept in memory of
// this library: that of the sender may end with the call.
Message pass(Message request) {
  const boost::json::storage_ptr heap;
  Message passed{.body = Object(std::move(request.body), heap),
                 .context = Object(std::move(request.context), heap),
                 .headers = std::move(request.headers)};
  if (has_protocol_key(passed.body) || !passes(passed.body, 0) || !passes(passed.context, 0)) {
    passed = decode_request(encode_request(passed, {})).message;
  }
  return passed;
}

ReplyBody pass(Reply reply, std::string msg_id) {
  auto* const result = std::get_if<Value>(&reply);
  if (result == nullptr || !passes(*result, 1)) {
    return decode_reply(encode_reply(reply, msg_id, ""));
  }
  return {.msg_id = std::move(msg_id),
          .unique_id = {},
          .result = Value(std::move(*result), boost::json::storage_ptr()),
          .ending = true};
}

}  // namespace gantry::wire
