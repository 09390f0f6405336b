// SPDX-License-Identifier: Apache-2.0
#include "gantry/transport_url.hpp"

#include <boost/container_hash/hash.hpp>
#include <ostream>

#include "percent.hpp"
#include "redact.hpp"

namespace gantry {
namespace {

enum class Secrets { shown, hidden };

std::string password_text(const std::string& password, Secrets secrets) {
  return secrets == Secrets::shown ? percent_encode(password) : std::string(kRedacted);
}

std::string host_text(const TransportHost& host, Secrets secrets) {
  std::string out;
  if (host.username || host.password) {
    out += percent_encode(host.username.value_or(""));
    if (host.password) out += ':' + password_text(*host.password, secrets);
    out += '@';
  }
  const std::string name = host.hostname.value_or("");
  out += name.find(':') == std::string::npos ? name : '[' + name + ']';
  if (host.port) out += ':' + std::to_string(*host.port);
  return out;
}

std::string form_encode(std::string_view text) {
  std::string out = percent_encode(text, " ");
  for (char& c : out) {
    if (c == ' ') c = '+';
  }
  return out;
}

std::string query_text(const std::map<std::string, std::string, std::less<>>& query,
                       Secrets secrets) {
  std::string out;
  for (const auto& [name, value] : query) {
    out += out.empty() ? '?' : '&';
    out += form_encode(name) + '=';
    const bool hidden = secrets == Secrets::hidden && names_a_secret(name);
    out += hidden ? std::string(kRedacted) : form_encode(value);
  }
  return out;
}

std::string url_text(const TransportUrl& url, Secrets secrets) {
  std::string out = url.transport + "://";
  for (std::size_t i = 0; i < url.hosts.size(); ++i) {
    if (i > 0) out += ',';
    out += host_text(url.hosts[i], secrets);
  }
  out += '/' + percent_encode(url.virtual_host.value_or(""), "/");
  return out + query_text(url.query, secrets);
}

std::size_t hash_of(const std::optional<std::string>& text) {
  return text ? 1 + boost::hash<std::string>()(*text) : 0;
}

}  // namespace

std::string TransportUrl::str() const { return url_text(*this, Secrets::shown); }

std::string TransportUrl::redacted() const { return url_text(*this, Secrets::hidden); }

bool operator==(const TransportUrl& a, const TransportUrl& b) noexcept {
  const auto vhost = [](const TransportUrl& url) {
    return url.virtual_host ? std::string_view(*url.virtual_host) : std::string_view();
  };
  return a.transport == b.transport && vhost(a) == vhost(b) && a.hosts == b.hosts;
}

bool TransportUrl::identical(const TransportUrl& other) const noexcept {
  return *this == other && query == other.query;
}

std::ostream& operator<<(std::ostream& out, const TransportUrl& url) {
  return out << url.redacted();
}

std::ostream& operator<<(std::ostream& out, const TransportHost& host) {
  return out << host_text(host, Secrets::hidden);
}

}  // namespace gantry

std::size_t std::hash<gantry::TransportHost>::operator()(
    const gantry::TransportHost& host) const noexcept {
  std::size_t seed = gantry::hash_of(host.hostname);
  boost::hash_combine(seed, host.port ? 1 + *host.port : 0);
  boost::hash_combine(seed, gantry::hash_of(host.username));
  boost::hash_combine(seed, gantry::hash_of(host.password));
  return seed;
}

std::size_t std::hash<gantry::TransportUrl>::operator()(
    const gantry::TransportUrl& url) const noexcept {
  std::size_t seed = boost::hash<std::string>()(url.transport);
  boost::hash_combine(seed, url.virtual_host.value_or(""));
  for (const auto& host : url.hosts) {
    boost::hash_combine(seed, std::hash<gantry::TransportHost>()(host));
  }
  return seed;
}
