// SPDX-License-Identifier: Apache-2.0
#include "envelope.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../../word.hpp"
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
constexpr auto kEscapes = [] {
  std::array<char, 256> table{};
  constexpr std::string_view letters = R"("\/bfnrt)";
  constexpr std::string_view characters = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    table[static_cast<unsigned char>(letters[i])] = characters[i];
  }
  return table;
}();

// The text of a JSON string, without its quotes. None where it holds a `\u`, anything but ASCII, or
// what does not belong there.
std::optional<std::string> unescaped(std::string_view json) {
  std::string text(json.size(), '\0');
  char* out = text.data();
  for (std::size_t at = 0; at < json.size();) {
    if (at + kWord <= json.size()) {
      const std::uint64_t bytes = load_word(json.data() + at);
      std::memcpy(out, json.data() + at, kWord);
      const std::uint64_t special =
          below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\') | above(bytes, 0x7e);
      const std::size_t plain = special == 0 ? kWord : first_byte(special);
      out += plain;
      at += plain;
      if (special == 0) continue;
    }
    char c = json[at++];
    if (c == '\\') {
      if (at == json.size()) return std::nullopt;
      c = kEscapes[static_cast<unsigned char>(json[at++])];
      if (c == 0) return std::nullopt;
    } else if (c < 0x20 || c == '"') {
      return std::nullopt;
    }
    *out++ = c;
  }
  text.resize(static_cast<std::size_t>(out - text.data()));
  return text;
}

// The inner text of a body that is written exactly as Python and this library write it, which saves
// parsing it twice. None: the body has to be read as the JSON that it may be.
std::optional<std::string> inner_text_of_usual_body(std::string_view body) {
  constexpr std::string_view tail = R"("})";
  if (!body.starts_with(kEnvelopeHead)) return std::nullopt;
  body.remove_prefix(kEnvelopeHead.size());
  if (!body.starts_with('"') || !body.substr(1).ends_with(tail)) return std::nullopt;
  return unescaped(body.substr(1, body.size() - 1 - tail.size()));
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
