// SPDX-License-Identifier: Apache-2.0
#include "gantry/version.hpp"

#include <charconv>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw InvalidVersion("invalid version '" + printable(text, 40) +
                       "': it has to be major.minor or major.minor.revision, in decimals");
}

unsigned decimal(std::string_view part, std::string_view whole) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (error != std::errc() || end != part.data() + part.size()) refuse(whole);
  return number;
}

}  // namespace

Version Version::parse(std::string_view text) {
  std::vector<unsigned> parts;
  for (std::string_view rest = text;;) {
    const auto dot = rest.find('.');
    parts.push_back(decimal(rest.substr(0, dot), text));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (parts.size() < 2 || parts.size() > 3) refuse(text);
  return {parts[0], parts[1], parts.size() == 3 ? parts[2] : 0};
}

bool compatible(const Version& implemented, const Version& requested) noexcept {
  return implemented.major == requested.major && requested <= implemented;
}

bool compatible(const std::optional<std::string>& implemented,
                const std::optional<std::string>& requested) {
  if (!implemented) return true;
  if (!requested) return false;
  return compatible(Version::parse(*implemented), Version::parse(*requested));
}

}  // namespace gantry
