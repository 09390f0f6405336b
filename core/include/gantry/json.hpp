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
  // Structural text at the current level: its quotes are escaped as the level asks. It must hold no
  // backslash and no control character.
  JsonWriter& raw(std::string_view text);
  JsonWriter& string(std::string_view utf8);  // with its quotes; throws SerializationError
  JsonWriter& key(std::string_view utf8);     // the same and the colon of an object's member
  // `depth` is the number of arrays and objects that it stands in already, so that a text written
  // piece by piece keeps the limit that parse_json has. Throws SerializationError.
  JsonWriter& value(const Value& value, int depth = 0);
  JsonWriter& open_text();   // begins a string whose content is JSON text
  JsonWriter& close_text();  // ends it

  // A place to go back to, when what was begun there cannot be finished.
  struct Mark {
    std::size_t size;
    std::size_t backslashes;
  };
  Mark mark() const noexcept { return {size_, backslashes_}; }
  void rewind(Mark mark) noexcept;

  std::string take();  // what was written; the writer is empty afterwards

 private:
  char* room(std::size_t bytes) {
    if (size_ + bytes > buffer_.size()) grow(bytes);
    return buffer_.data() + size_;
  }
  void grow(std::size_t bytes);
  void append(std::string_view text);
  void quote();
  void escaped(std::size_t backslashes, std::string_view rest);
  void unicode_escape(unsigned unit);
  std::size_t copy_plain(std::string_view text);
  std::size_t escape_first(std::string_view text);
  template <class Integer>
  void integer(Integer number);
  void real(double number);
  void array(const Array& array, int depth);
  void object(const Object& object, int depth);

  std::string buffer_;           // the text, and room for more of it
  std::size_t size_ = 0;         // how much of it is text
  std::size_t backslashes_ = 1;  // that one backslash needs here: 2 to the power of open texts
};

}  // namespace gantry
