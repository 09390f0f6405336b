// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gantry {

// The letters of ASCII in lower and upper case, whatever the locale; other characters stay.
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lower(std::string text) {
  for (char& c : text) c = lower(c);
  return text;
}
inline std::string upper(std::string text) {
  for (char& c : text) c = upper(c);
  return text;
}

}  // namespace gantry
