// SPDX-License-Identifier: Apache-2.0
#include "json_fault.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "gantry/json.hpp"

namespace gantry {
namespace {

std::string at(std::size_t offset) { return " at offset " + std::to_string(offset); }

bool out_of_range(std::string_view number) {
  const char* const begin = number.data();
  const char* const end = begin + number.size();
  const auto beyond = [&](auto holder) {
    return std::from_chars(begin, end, holder).ec == std::errc::result_out_of_range;
  };
  if (number.find_first_of(".eE") != std::string_view::npos) return beyond(double{});
  return number.front() == '-' ? beyond(std::int64_t{}) : beyond(std::uint64_t{});
}

// The code unit of a `\uXXXX` at the start of `text`; 0 where there is none.
unsigned unicode_escape(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < 6 || !text.starts_with("\\u")) return 0;
  const auto parsed = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return parsed.ptr == text.data() + 6 ? unit : 0;
}

bool is_high(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Walks the tokens of a text, as far as it is JSON, and stops at the first fault that it knows.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    while (!fault_ && at_ < text_.size()) step();
    return fault_;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '"') return string();
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    if (c == 'N' || c == 'I') return not_finite();
    if (c == '[' || c == '{') {
      if (++depth_ > kMaxJsonDepth) {
        fault_ = deeper_than_the_limit() + at(at_);
      }
    } else if (c == ']' || c == '}') {
      --depth_;
    }
    ++at_;
  }

  void number() {
    if (text_.substr(at_ + 1).starts_with("Infinity")) return not_finite();
    const auto end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const std::string_view token = text_.substr(at_, end - at_);
    if (out_of_range(token)) {
      const bool is_integer = token.find_first_of(".eE") == std::string_view::npos;
      fault_ =
          (is_integer ? "an integer beyond 64 bits" : "a number beyond a double's range") + at(at_);
    }
    at_ = end;
  }

  void not_finite() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("NaN") || rest.starts_with("Infinity") || rest.starts_with("-Infinity")) {
      fault_ = "NaN or Infinity" + at(at_);
    }
    ++at_;
  }

  void string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"' && !fault_;) {
      if (text_[at_] == '\\') {
        escape();
      } else {
        ++at_;
      }
    }
    ++at_;
  }

  void escape() {
    const unsigned unit = unicode_escape(text_.substr(at_));
    const bool paired = is_high(unit) && is_low(unicode_escape(text_.substr(at_ + 6)));
    if ((is_high(unit) && !paired) || is_low(unit)) fault_ = "a lone surrogate" + at(at_);
    at_ += paired ? 12 : 2;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<std::string> fault_;
};

}  // namespace

std::string deeper_than_the_limit() {
  return "nested deeper than " + std::to_string(kMaxJsonDepth) + " levels";
}

std::optional<std::string> json_fault(std::string_view text) { return Walk(text).run(); }

}  // namespace gantry
