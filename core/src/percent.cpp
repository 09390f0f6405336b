// SPDX-License-Identifier: Apache-2.0
#include "percent.hpp"

#include <charconv>

namespace gantry {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_.-~").find(c) != std::string_view::npos;
}

// The byte that "%xx" at the front of `text` stands for, or -1.
int escaped_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  unsigned char byte = 0;
  const char* const end = text.data() + 3;
  const auto [stop, error] = std::from_chars(text.data() + 1, end, byte, 16);
  return error == std::errc() && stop == end ? byte : -1;
}

}  // namespace

std::string percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const int byte = escaped_byte(text);
    if (byte >= 0) {
      out += static_cast<char>(byte);
    } else {
      out += text[0] == '+' && plus == Plus::is_blank ? ' ' : text[0];
    }
    text.remove_prefix(byte >= 0 ? 3 : 1);
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex[byte >> 4U];
    out += hex[byte & 0xfU];
  }
  return out;
}

}  // namespace gantry
