// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/export.hpp"

namespace gantry {

// One broker of a URL. Absent and empty user or password differ (URL-9); a host may be absent
// (URL-10).
struct GANTRY_API TransportHost {
  std::optional<std::string> hostname{};  // IPv6 without brackets
  std::optional<std::uint16_t> port{};
  std::optional<std::string> username{};
  std::optional<std::string> password{};

  friend bool operator==(const TransportHost&, const TransportHost&) = default;
};

// A parsed transport URL (semantics §1):
//
//   scheme://[user[:password]@]host[:port][,…]/virtual_host[?option=value&…]
//
// A value: parsing touches no file, name server or socket.
struct GANTRY_API TransportUrl {
  std::string transport{};  // the whole scheme, lower case: "rabbit+tls"
  std::optional<std::string> virtual_host{};
  std::vector<TransportHost> hosts{};
  std::map<std::string, std::string, std::less<>> query{};  // repeated keys joined with ","

  // Throws InvalidTransportURL, whose text holds no part of a password. Logs one warning when only
  // some hosts have credentials. At most 8 KiB and 64 hosts.
  static TransportUrl parse(std::string_view text);

  // What selects the driver: the scheme up to its first "+".
  std::string driver() const { return transport.substr(0, transport.find('+')); }

  // The URL as text, **passwords included**; parse(str()) gives the same URL (URL-27). Not for
  // logs.
  std::string str() const;

  // The same with every password as "***", and the values of options whose names say that they are
  // secret; what logs, errors and << show.
  std::string redacted() const;

  // The same brokers in the same order and the same virtual host, absent and empty being one. The
  // query is not part of it (URL-28); whoever caches by URL compares with `identical` (URL-29).
  friend GANTRY_API bool operator==(const TransportUrl& a, const TransportUrl& b) noexcept;
  bool identical(const TransportUrl& other) const noexcept;
};

GANTRY_API std::ostream& operator<<(std::ostream& out, const TransportUrl& url);
GANTRY_API std::ostream& operator<<(std::ostream& out, const TransportHost& host);

}  // namespace gantry

template <>
struct std::hash<gantry::TransportHost> {
  GANTRY_API std::size_t operator()(const gantry::TransportHost& host) const noexcept;
};

// Agrees with ==, so the query is not part of it.
template <>
struct std::hash<gantry::TransportUrl> {
  GANTRY_API std::size_t operator()(const gantry::TransportUrl& url) const noexcept;
};
