// SPDX-License-Identifier: Apache-2.0
#include "glob.hpp"

#include <re2/re2.h>

#include <string>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

// What stands between the brackets at the front of `glob`: at least one character, so that "[]a]"
// is a set of "]" and "a". Empty where they are not closed.
std::string_view inside_brackets(std::string_view glob) {
  const std::size_t first = glob.substr(1).starts_with('!') ? 2 : 1;
  const auto end = glob.find(']', first + 1);
  return end == glob.npos ? std::string_view() : glob.substr(1, end - 1);
}

std::string set_of(std::string_view inside) {
  std::string out = "[";
  if (inside.starts_with('!')) {
    out += '^';
    inside.remove_prefix(1);
  }
  for (const char c : inside) {
    if (c == '[' || c == ']' || c == '^' || c == '\\') out += '\\';
    out += c;
  }
  return out + ']';
}

std::string expression_of(std::string_view glob) {
  std::string out;
  while (!glob.empty()) {
    const char c = glob.front();
    const auto inside = c == '[' ? inside_brackets(glob) : std::string_view();
    if (!inside.empty()) {
      out += set_of(inside);
      glob.remove_prefix(inside.size() + 2);
      continue;
    }
    out += c == '*' ? ".*" : c == '?' ? "." : re2::RE2::QuoteMeta({&c, 1});
    glob.remove_prefix(1);
  }
  return out;
}

re2::RE2::Options any_character() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_dot_nl(true);
  return options;
}

}  // namespace

Glob::Glob(std::string_view pattern)
    : expression_(std::make_unique<const re2::RE2>(expression_of(pattern), any_character())) {
  if (!expression_->ok()) {
    throw ConfigurationError("'" + printable(pattern, 200) +
                             "' is no pattern: " + expression_->error());
  }
}

Glob::Glob(Glob&&) noexcept = default;
Glob::~Glob() = default;

bool Glob::matches(std::string_view text) const {
  return re2::RE2::FullMatch({text.data(), text.size()}, *expression_);
}

}  // namespace gantry
