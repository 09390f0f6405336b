// SPDX-License-Identifier: Apache-2.0
#include "redact.hpp"

#include <algorithm>

#include "gantry/log.hpp"

namespace gantry {
namespace {

constexpr std::string_view kPort = ":0123456789";

// The scheme with its "://", or nothing: without a scheme the text may begin with a user.
std::string_view front_of(std::string_view text) {
  const auto stop = std::min(text.find_first_of(":/?#@"), text.size());
  return text.substr(stop).starts_with("://") ? text.substr(0, stop + 3) : std::string_view();
}

// Where the hosts stop looking like hosts: after a colon, what is no port may be a password whose
// "@" is missing.
std::size_t end_of_hosts(std::string_view hosts) {
  for (std::size_t begin = 0; begin < hosts.size();) {
    const auto piece = hosts.substr(begin, hosts.find(',', begin) - begin);
    const auto colon = piece.starts_with('[') ? piece.find(']') : piece.find(':');
    const auto port =
        colon == std::string_view::npos ? colon : piece.find_first_not_of(kPort, colon + 1);
    if (port != std::string_view::npos) return begin + colon + 1;
    begin += piece.size() + 1;
  }
  return hosts.size();
}

// The query without its values.
std::string redact_query(std::string_view query) {
  std::string out;
  bool in_value = false;
  for (const char c : query) {
    if (c == '&') in_value = false;
    if (!in_value) out += c;
    if (c != '=' || in_value) continue;
    in_value = true;
    out += kRedacted;
  }
  return out;
}

}  // namespace

bool names_a_secret(std::string_view option) noexcept {
  constexpr std::string_view words[] = {"password", "passphrase", "secret", "token"};
  return std::any_of(std::begin(words), std::end(words),
                     [&](auto word) { return option.find(word) != std::string_view::npos; });
}

std::string redact_url(std::string_view text) {
  std::string out(front_of(text));
  auto rest = text.substr(out.size());
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    out.append(kRedacted);
    rest.remove_prefix(at);
  }
  const auto fragment = std::min(rest.find('#'), rest.size());
  const auto query = std::min(rest.find('?'), fragment);
  const auto path = std::min(rest.find('/'), query);
  const auto hosts = end_of_hosts(rest.substr(0, path));
  out += rest.substr(0, hosts);
  if (hosts < path) return printable(out.append(kRedacted));
  out += rest.substr(path, query - path);
  out += redact_query(rest.substr(query, fragment - query));
  if (fragment < rest.size()) out.append("#").append(kRedacted);
  return printable(out);
}

}  // namespace gantry
