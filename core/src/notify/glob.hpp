// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gantry {

// A shell glob as Python's fnmatch reads it (ROUT-5), since routing files are written for that:
// `*` crosses dots, there are no escapes, and a `[` without its `]` is a bracket. fnmatch(3) is not
// used: it depends on the locale and knows more than that ([[:alpha:]], `^` for `!`). An expression
// of RE2's matches in linear time, whatever the pattern.
class Glob {
 public:
  explicit Glob(std::string_view pattern);  // throws ConfigurationError: "[z-a]" is no set
  Glob(Glob&&) noexcept;
  ~Glob();

  bool matches(std::string_view text) const;  // the whole of it

 private:
  std::unique_ptr<const re2::RE2> expression_;
};

}  // namespace gantry
