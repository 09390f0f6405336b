// SPDX-License-Identifier: Apache-2.0
#include "target_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gantry/log.hpp"
#include "utf8.hpp"

namespace gantry {
namespace {

constexpr std::size_t kLongestName = 255;  // AMQP's short string

bool is_printable(std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  text.remove_prefix(
      static_cast<std::size_t>(std::ranges::find_if_not(text, plain) - text.begin()));
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    if (bytes == 0 || code < 0x20 || code == 0x7f) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

void check_name(std::string_view what, std::optional<std::string> Target::*name,
                const Target& target) {
  const auto& text = target.*name;
  if (!text) return;
  if (text->size() > kLongestName) {
    throw InvalidTarget(fmt::format("the {} has {} bytes, and at most {} are possible", what,
                                    text->size(), kLongestName),
                        target);
  }
  if (is_printable(*text)) return;
  auto shown = target;
  shown.*name = printable(*text);
  throw InvalidTarget(fmt::format("the {} has a control character, or is not UTF-8", what), shown);
}

}  // namespace

void check_names(const Target& target) {
  check_name("exchange", &Target::exchange, target);
  check_name("topic", &Target::topic, target);
  check_name("server", &Target::server, target);
}

}  // namespace gantry
