// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/export.hpp"
#include "gantry/value.hpp"

namespace gantry {

// Text → Value. Numbers arrive exactly: doubles bit for bit, integers as int64, above that as
// uint64. Of duplicate keys the last one wins, as in Python. [any thread] Throws SerializationError
// with the reason (and the offset where it is known): invalid JSON or UTF-8, a lone surrogate, NaN
// or Infinity, an integer beyond 64 bits, nesting deeper than 512 (kMaxJsonDepth).
GANTRY_API Value parse_json(std::string_view text);

inline constexpr int kMaxJsonDepth = 512;

// Value → text in the dialect of Python's json.dumps: ASCII only, separators ", " and ": ", doubles
// in their shortest form and always with a point or an exponent (wire §5.2). Throws
// SerializationError for NaN, Infinity, strings that are not UTF-8, and nesting beyond the limit.
GANTRY_API std::string to_json(const Value& value);  // [any thread]

// Writes JSON in one pass, and, where JSON text is itself carried in a JSON string (the envelope
// does so two and three levels deep), escapes the inner text as it goes:
//
//   JsonWriter json;
//   json.raw(R"({"oslo.message": )").open_text();   // from here on everything is one level deeper
//   json.value(message);
//   json.close_text().raw("}");
//
// Not thread-safe; one writer makes one text.
class GANTRY_API JsonWriter {
 public:
  JsonWriter() { out_.reserve(512); }

  // Structural text at the current level: its quotes are escaped as the level asks. It must hold no
  // backslash and no control character.
  JsonWriter& raw(std::string_view text);
  JsonWriter& string(std::string_view utf8);  // with its quotes; throws SerializationError
  JsonWriter& value(const Value& value);      // throws SerializationError
  JsonWriter& open_text();                    // begins a string whose content is JSON text
  JsonWriter& close_text();                   // ends it

  // What was written so far; everything after `size` bytes can be taken back by `truncate`.
  std::size_t size() const noexcept { return out_.size(); }
  void truncate(std::size_t size) { out_.resize(size); }
  std::string take() { return std::move(out_); }

 private:
  void quote();
  void backslash();
  void value_at(const Value& value, int depth);
  void number(double number);

  std::string out_;
  int level_ = 0;  // how many strings of JSON text are open
};

}  // namespace gantry
