// SPDX-License-Identifier: Apache-2.0
// Any text as a transport URL: it parses and survives its text, or is refused; and nothing that is
// shown of it depends on a password.
#include <sstream>
#include <string>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/transport_url.hpp"
#include "property.hpp"

namespace gantry {
namespace {

using fuzz::holds;
using fuzz::require;

constexpr std::size_t kTelling = 6;  // a shorter secret may well occur by chance

std::string shown(const TransportUrl& url) {
  std::ostringstream out;
  out << url;
  for (const auto& host : url.hosts) out << host;
  return out.str();
}

void survives_its_text(const TransportUrl& url) {
  const auto again = TransportUrl::parse(url.str());
  require(again.identical(url), "URL-27: parse(str(u)) is u, with its query");
  require(again == url, "URL-28: identical URLs are equal");
  require(std::hash<TransportUrl>()(again) == std::hash<TransportUrl>()(url),
          "URL-28: equal URLs have one hash");
  require(again.str() == url.str(), "URL-27: the text of a text's URL is that text");
}

// Another password changes nothing of what is shown.
void shows_no_password(const TransportUrl& url) {
  auto other = url;
  for (auto& host : other.hosts) {
    if (host.password) host.password = "another" + *host.password;
  }
  require(shown(other) == shown(url) && other.redacted() == url.redacted(),
          "URL-31: what is shown depends on a password");
}

// What stands between the scheme and the last "@", as far as it is no scheme, user or port.
std::string_view secret_of(std::string_view text) {
  const auto begin = text.find("://");
  const auto end = text.rfind('@');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  const auto userinfo = text.substr(begin + 3, end - begin - 3);
  return userinfo.substr(std::min(userinfo.find(':'), userinfo.size()));
}

void quotes_no_password(std::string_view text, const InvalidTransportURL& error) {
  const auto secret = secret_of(text);
  if (secret.size() < kTelling || holds(secret, "*")) return;  // stars stand for what is hidden
  const auto rest = std::string(text.substr(0, text.find("://"))) + "://***" +
                    std::string(text.substr(text.rfind('@')));
  require(holds(printable(rest, rest.size()), secret) || !holds(error.url(), secret),
          "URL-22: an error quotes a password");
}

}  // namespace
}  // namespace gantry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gantry;
  static const bool quiet = (set_log_sink([](LogLevel, std::string_view) {}), true);
  const auto text = fuzz::text_of(data, size);
  try {
    const auto url = TransportUrl::parse(text);
    fuzz::require(quiet && size > 0, "an empty text is no URL");
    survives_its_text(url);
    shows_no_password(url);
  } catch (const InvalidTransportURL& error) {
    quotes_no_password(text, error);
  }
  return 0;
}
