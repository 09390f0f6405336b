// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "ascii.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/transport_url.hpp"
#include "percent.hpp"
#include "redact.hpp"

namespace gantry {
namespace {

constexpr std::size_t kMaxUrlSize = 8192;
constexpr std::size_t kMaxHosts = 64;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool is_blank_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

// With or without a zone ("fe80::1%eth0").
bool is_ipv6(std::string_view text) {
  const auto zone = text.find('%');
  if (zone != std::string_view::npos && zone + 1 == text.size()) return false;
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text.substr(0, zone)).c_str(), &address) == 1;
}

// Calls `use` with each piece of `text` that is not empty.
template <class Use>
void split(std::string_view text, char separator, Use use) {
  while (!text.empty()) {
    const auto piece = text.substr(0, text.find(separator));
    if (!piece.empty()) use(piece);
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
  }
}

// Reads one text. A reason never quotes the text: what is said of it goes through redact_url.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  TransportUrl parse() const {
    TransportUrl url;
    if (text_.size() > kMaxUrlSize) refuse("it is longer than 8192 bytes");
    auto rest = text_;
    url.transport = scheme(rest);
    check_characters(rest);
    const auto netloc = take_netloc(rest);
    if (rest.find('@') != std::string_view::npos) refuse(kEscape);
    url.hosts = hosts(netloc);
    const auto path = rest.substr(0, rest.find('?'));
    if (path.starts_with('/')) url.virtual_host = decode(path.substr(1));
    rest.remove_prefix(path.size());
    if (!rest.empty()) url.query = query(rest.substr(1));
    return url;
  }

 private:
  static constexpr const char* kEscape =
      "a character of the user, the password or the virtual host has to be percent-encoded "
      "(# as %23, / as %2F, ? as %3F, @ as %40)";

  [[noreturn]] void refuse(const char* reason) const {
    throw InvalidTransportURL(reason, redact_url(text_));
  }

  // Takes the scheme and its colon off `rest`.
  std::string scheme(std::string_view& rest) const {
    const auto colon = rest.find(':');
    std::string name(rest.substr(0, colon));
    if (colon == std::string_view::npos || !is_scheme(name)) {
      refuse("No scheme specified (a URL begins like rabbit://)");
    }
    rest.remove_prefix(colon + 1);
    return lower(std::move(name));
  }

  void check_characters(std::string_view rest) const {
    if (std::any_of(rest.begin(), rest.end(), is_blank_or_control)) {
      refuse("blanks and control characters have to be percent-encoded");
    }
    if (rest.find('#') != std::string_view::npos) refuse(kEscape);
    if (!simdjson::validate_utf8(rest.data(), rest.size())) refuse("it is not UTF-8");
  }

  static std::string_view take_netloc(std::string_view& rest) {
    if (!rest.starts_with("//")) return {};
    rest.remove_prefix(2);
    const auto netloc = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(netloc.size());
    return netloc;
  }

  std::vector<TransportHost> hosts(std::string_view netloc) const {
    std::vector<TransportHost> all;
    split(netloc, ',', [&](std::string_view piece) { all.push_back(host(piece)); });
    if (all.size() > kMaxHosts) refuse("it has more than 64 hosts");
    return all;
  }

  TransportHost host(std::string_view piece) const {
    TransportHost host;
    if (const auto at = piece.rfind('@'); at != std::string_view::npos) {
      const auto userinfo = piece.substr(0, at);
      const auto colon = userinfo.find(':');
      host.username = decode(userinfo.substr(0, colon));
      if (colon != std::string_view::npos) host.password = decode(userinfo.substr(colon + 1));
      piece.remove_prefix(at + 1);
    }
    if (!piece.empty()) read_address(piece, host);
    return host;
  }

  void read_address(std::string_view address, TransportHost& host) const {
    if (address.starts_with('[')) return read_bracketed(address, host);
    if (address.find_first_of("[]") != std::string_view::npos) refuse("unbalanced brackets");
    const auto colon = address.find(':');
    if (colon == address.rfind(':')) {
      host.hostname = address.substr(0, colon);
      if (colon != std::string_view::npos) host.port = port(address.substr(colon + 1));
      return;
    }
    if (!is_ipv6(address))
      refuse("a host with two colons is neither host:port nor an IPv6 address");
    host.hostname = address;
  }

  void read_bracketed(std::string_view address, TransportHost& host) const {
    const auto close = address.find(']');
    if (close == std::string_view::npos) refuse("unbalanced brackets");
    const auto ipv6 = address.substr(1, close - 1);
    if (!is_ipv6(ipv6)) refuse("what stands in brackets is not an IPv6 address");
    host.hostname = ipv6;
    const auto rest = address.substr(close + 1);
    if (rest.empty()) return;
    if (rest[0] != ':') refuse("after an address in brackets only :port may follow");
    host.port = port(rest.substr(1));
  }

  std::uint16_t port(std::string_view digits) const {
    std::uint16_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end || digits[0] == '0') {
      refuse("a port has to be a number from 1 to 65535");
    }
    return number;
  }

  std::map<std::string, std::string, std::less<>> query(std::string_view text) const {
    std::map<std::string, std::string, std::less<>> all;
    split(text, '&', [&](std::string_view pair) {
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        refuse("each option of the query has to be written name=value");
      }
      auto value = decode(pair.substr(equals + 1), Plus::is_blank);
      const auto [known, added] = all.try_emplace(decode(pair.substr(0, equals), Plus::is_blank));
      known->second += added ? value : ',' + value;
    });
    return all;
  }

  std::string decode(std::string_view text, Plus plus = Plus::is_plus) const {
    auto out = percent_decode(text, plus);
    if (!simdjson::validate_utf8(out)) refuse("its percent-escapes do not make UTF-8");
    return out;
  }

  std::string_view text_;
};

// Half a set of credentials is more often a slip than a wish (URL-12).
void warn_of_mixed_credentials(const std::vector<TransportHost>& hosts) {
  std::string with;
  std::string without;
  for (const auto& host : hosts) {
    auto& names = host.username && host.password ? with : without;
    names += (names.empty() ? "" : ", ") + host.hostname.value_or("");
  }
  if (with.empty() || without.empty()) return;
  log(LogLevel::warning, "transport URL: hosts with user and password: " + printable(with) +
                             "; hosts without: " + printable(without) +
                             "; credentials are not inherited, so write them for each host");
}

}  // namespace

TransportUrl TransportUrl::parse(std::string_view text) {
  TransportUrl url = Parser(text).parse();
  warn_of_mixed_credentials(url.hosts);
  return url;
}

}  // namespace gantry
