// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "json_fault.hpp"
#include "utf8.hpp"
#include "word.hpp"

namespace gantry {
namespace {

// Which bytes stand for themselves in a JSON string of ASCII.
constexpr auto kPlain = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) table[byte] = byte != '"' && byte != '\\';
  return table;
}();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

// The letter of JSON's short escapes; 0 for other characters.
constexpr char short_escape(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// Python's repr of a finite double: its shortest digits; plain from 1e-4 up to 1e16, otherwise with
// an exponent of at least two digits.
std::size_t python_repr(double number, char* out) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.begin(), text.end(), number, std::chars_format::scientific).ptr;
  char* p = out;
  const char* digit = text.data();
  if (*digit == '-') *p++ = *digit++;
  const char* const e = std::find(digit, static_cast<const char*>(end), 'e');
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);

  const char first = *digit;
  const std::string_view rest = e - digit > 2 ? std::string_view(digit + 2, e) : std::string_view();
  const auto write = [&p](std::string_view part) { p = std::copy(part.begin(), part.end(), p); };
  const auto zeros = [&p](std::ptrdiff_t count) { p = std::fill_n(p, count, '0'); };

  if (exponent < -4 || exponent >= 16) {
    *p++ = first;
    if (!rest.empty()) *p++ = '.';
    write(rest);
    write({e, end});
  } else if (exponent < 0) {
    write("0.");
    zeros(-exponent - 1);
    *p++ = first;
    write(rest);
  } else {
    const auto whole = static_cast<std::size_t>(exponent);
    *p++ = first;
    write(rest.substr(0, whole));
    if (rest.size() < whole) zeros(static_cast<std::ptrdiff_t>(whole - rest.size()));
    *p++ = '.';
    write(rest.size() > whole ? rest.substr(whole) : "0");
  }
  return static_cast<std::size_t>(p - out);
}

[[noreturn]] void too_deep() {
  throw SerializationError("the value is " + deeper_than_the_limit());
}

}  // namespace

void JsonWriter::grow(std::size_t bytes) {
  constexpr std::size_t first = 960;  // from 1024 bytes on the allocator tidies up at each request
  buffer_.resize(std::max({first, buffer_.size() * 2, size_ + bytes}));
}

inline void JsonWriter::append(std::string_view text) {
  std::copy_n(text.data(), text.size(), room(text.size()));  // no text has no address
  size_ += text.size();
}

// `backslashes` of them, then `rest` as it is.
void JsonWriter::escaped(std::size_t backslashes, std::string_view rest) {
  char* p = room(backslashes + rest.size());
  p = std::fill_n(p, backslashes, '\\');
  std::copy(rest.begin(), rest.end(), p);
  size_ += backslashes + rest.size();
}

// Hardly anything is more frequent: at the usual levels one store, of more than is meant.
inline void JsonWriter::quote() {
  constexpr std::size_t usual = 4;
  constexpr std::array<std::array<char, usual>, usual + 1> texts = {
      {{}, {'"'}, {'\\', '"'}, {}, {'\\', '\\', '\\', '"'}}};
  if (backslashes_ > usual) return escaped(backslashes_ - 1, R"(")");
  std::memcpy(room(usual), texts[backslashes_].data(), usual);
  size_ += backslashes_;
}

void JsonWriter::unicode_escape(unsigned unit) {
  constexpr std::string_view hex = "0123456789abcdef";
  const char text[] = {'u', hex[unit >> 12U & 0xfU], hex[unit >> 8U & 0xfU], hex[unit >> 4U & 0xfU],
                       hex[unit & 0xfU]};
  escaped(backslashes_, {text, sizeof text});
}

// Writes the first character of `text`, which is not plain; tells how many bytes it took there.
std::size_t JsonWriter::escape_first(std::string_view text) {
  const char c = text.front();
  if (c == '"') {
    escaped(2 * backslashes_ - 1, "\"");
  } else if (c == '\\') {
    escaped(2 * backslashes_, "");
  } else if (const char letter = short_escape(c); letter != 0) {
    escaped(backslashes_, {&letter, 1});
  } else {
    const Utf8Character character = first_character(text);
    if (character.bytes == 0) throw SerializationError("a string is not valid UTF-8");
    if (character.code < 0x10000) {
      unicode_escape(character.code);
    } else {
      unicode_escape(0xd800U + ((character.code - 0x10000U) >> 10U));
      unicode_escape(0xdc00U + (character.code & 0x3ffU));
    }
    return character.bytes;
  }
  return 1;
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  if (backslashes_ == 1) {
    append(text);
    return *this;
  }
  for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"')) {
    append(text.substr(0, at));
    quote();
    text.remove_prefix(at + 1);
  }
  append(text);
  return *this;
}

// Copies what stands for itself, up to the first byte that does not; tells how much that was.
inline std::size_t JsonWriter::copy_plain(std::string_view text) {
  char* const out = room(text.size());
  std::size_t at = 0;
  for (; at + kWord <= text.size(); at += kWord) {
    const std::uint64_t bytes = load_word(text.data() + at);
    std::memcpy(out + at, text.data() + at, kWord);
    const std::uint64_t special =
        below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\') | above(bytes, 0x7e);
    if (special != 0) {
      at += first_byte(special);
      size_ += at;
      return at;
    }
  }
  for (; at < text.size() && is_plain(text[at]); ++at) out[at] = text[at];
  size_ += at;
  return at;
}

JsonWriter& JsonWriter::string(std::string_view utf8) {
  quote();
  utf8.remove_prefix(copy_plain(utf8));
  while (!utf8.empty()) {
    utf8.remove_prefix(escape_first(utf8));
    utf8.remove_prefix(copy_plain(utf8));
  }
  quote();
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view utf8) {
  string(utf8);
  append(": ");
  return *this;
}

template <class Integer>
void JsonWriter::integer(Integer number) {
  constexpr std::size_t most = 20;
  char* const begin = room(most);
  size_ += static_cast<std::size_t>(std::to_chars(begin, begin + most, number).ptr - begin);
}

void JsonWriter::real(double number) {
  if (!std::isfinite(number)) {
    throw SerializationError(std::isnan(number) ? "NaN cannot be written as JSON"
                                                : "an infinite number cannot be written as JSON");
  }
  constexpr std::size_t most = 32;
  size_ += python_repr(number, room(most));
}

void JsonWriter::array(const Array& array, int depth) {
  if (depth >= kMaxJsonDepth) too_deep();
  append("[");
  for (const Value& item : array) {
    if (&item != array.begin()) append(", ");
    value(item, depth + 1);
  }
  append("]");
}

void JsonWriter::object(const Object& object, int depth) {
  if (depth >= kMaxJsonDepth) too_deep();
  append("{");
  for (const auto& member : object) {
    if (&member != object.begin()) append(", ");
    key(member.key()).value(member.value(), depth + 1);
  }
  append("}");
}

JsonWriter& JsonWriter::value(const Value& value, int depth) {
  switch (value.kind()) {
    case boost::json::kind::null:
      append("null");
      break;
    case boost::json::kind::bool_:
      append(value.get_bool() ? "true" : "false");
      break;
    case boost::json::kind::int64:
      integer(value.get_int64());
      break;
    case boost::json::kind::uint64:
      integer(value.get_uint64());
      break;
    case boost::json::kind::double_:
      real(value.get_double());
      break;
    case boost::json::kind::string:
      string(value.get_string());
      break;
    case boost::json::kind::array:
      array(value.get_array(), depth);
      break;
    case boost::json::kind::object:
      object(value.get_object(), depth);
      break;
  }
  return *this;
}

JsonWriter& JsonWriter::open_text() {
  quote();
  backslashes_ *= 2;
  return *this;
}

JsonWriter& JsonWriter::close_text() {
  backslashes_ /= 2;
  quote();
  return *this;
}

void JsonWriter::rewind(Mark mark) noexcept {
  size_ = mark.size;
  backslashes_ = mark.backslashes;
}

std::string JsonWriter::take() {
  buffer_.resize(size_);
  rewind({0, 1});
  return std::exchange(buffer_, {});
}

std::string to_json(const Value& value) { return JsonWriter().value(value).take(); }

}  // namespace gantry
