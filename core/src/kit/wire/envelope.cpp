// SPDX-License-Identifier: Apache-2.0
#include "envelope.hpp"

#include <algorithm>
#include <optional>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "gantry/version.hpp"

namespace gantry::wire {
namespace {

Object object_of(Value value, const char* what) {
  if (!value.is_object()) throw SerializationError(std::string(what) + " is not a JSON object");
  return std::move(value.get_object());
}

void check_version(const Value& version) {
  if (!version.is_string()) {
    throw UnsupportedEnvelope("the envelope's version is not a string; this library speaks 2.0");
  }
  const std::string text(version.get_string());
  bool served = false;
  try {
    served = compatible(Version::parse(kEnvelopeVersion), Version::parse(text));
  } catch (const InvalidVersion&) {
  }
  if (!served) {
    throw UnsupportedEnvelope("the envelope's version is '" + printable(text, 40) +
                              "'; this library speaks 2.0");
  }
}

// The character that a two-character escape stands for; 0 where it is none of those.
constexpr char escaped_character(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// The inner text of a body that is written exactly as Python and this library write it, which saves
// parsing it twice. None: the body has to be read as the JSON that it may be.
std::optional<std::string> inner_text_of_usual_body(std::string_view body) {
  constexpr std::string_view tail = R"("})";
  const auto is_usual = body.starts_with(kEnvelopeHead) && body.ends_with(tail) &&
                        body.size() > kEnvelopeHead.size() + tail.size();
  if (!is_usual || body[kEnvelopeHead.size()] != '"') return std::nullopt;
  body.remove_prefix(kEnvelopeHead.size() + 1);
  body.remove_suffix(tail.size());

  std::string text(body.size(), '\0');
  char* out = text.data();
  for (std::size_t at = 0; at < body.size(); ++at) {
    char c = body[at];
    if (c == '\\') {
      if (++at == body.size()) return std::nullopt;
      c = escaped_character(body[at]);
      if (c == 0) return std::nullopt;
    } else if (c < 0x20 || c == '"') {
      return std::nullopt;
    }
    *out++ = c;
  }
  text.resize(static_cast<std::size_t>(out - text.data()));
  return text;
}

}  // namespace

Object open_envelope(std::string_view body) {
  if (body.empty()) return {};
  if (const auto inner = inner_text_of_usual_body(body)) {
    return object_of(parse_json(*inner), "the envelope's message");
  }
  Object outer = object_of(parse_json(body), "the body");
  const Value* const version = outer.if_contains(kVersionKey);
  const Value* const message = outer.if_contains(kMessageKey);
  if (version == nullptr || message == nullptr) return outer;
  check_version(*version);
  if (!message->is_string()) {
    throw SerializationError("the envelope's message is not a string holding JSON");
  }
  return object_of(parse_json(message->get_string()), "the envelope's message");
}

}  // namespace gantry::wire
