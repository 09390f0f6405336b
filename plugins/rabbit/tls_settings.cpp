// SPDX-License-Identifier: Apache-2.0
#include "tls_settings.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <strings.h>

#include <array>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "tls_context.hpp"

namespace gantry::rabbit {
namespace {

constexpr std::array<const char*, 4> kTexts{"ssl_version", "ssl_key_file", "ssl_cert_file",
                                            "ssl_ca_file"};
constexpr std::array<const char*, 2> kSwitchesOn{"ssl_enforce_fips_mode", "insecure_skip_verify"};

bool asked_for(const DriverContext& context) {
  const std::string_view scheme = context.url.transport;
  const auto plus = scheme.find('+');
  if (plus == std::string_view::npos) return context.options.get<bool>("ssl");
  if (scheme.substr(plus) == "+tls") return true;
  throw ConfigurationError(fmt::format(
      "the rabbit driver does not know the scheme {}; it is {}:// or, with TLS, {}+tls://", scheme,
      scheme.substr(0, plus), scheme.substr(0, plus)));
}

// So that nobody believes a connection to be safer than it is.
void refuse_without_tls(const Options& options) {
  const auto refuse = [](std::string_view name) {
    throw ConfigurationError(fmt::format(
        "{} has no effect without TLS; set ssl=true or rabbit+tls://, or leave it out", name));
  };
  for (const auto* name : kTexts)
    if (!options.get<std::string>(name).empty()) refuse(name);
  for (const auto* name : kSwitchesOn)
    if (options.get<bool>(name)) refuse(name);
  if (!options.get<bool>("ssl_enforce_hostname_verification"))
    refuse("ssl_enforce_hostname_verification");
}

int version_of(const std::string& name) {
  const auto is = [&](const char* known) { return ::strcasecmp(name.c_str(), known) == 0; };
  if (name.empty()) return 0;
  if (is("TLSv1_2")) return TLS1_2_VERSION;
  if (is("TLSv1_3")) return TLS1_3_VERSION;
  throw ConfigurationError(
      fmt::format("ssl_version {} is refused: it is TLSv1_2, TLSv1_3, or left out for the newest "
                  "that both sides speak, 1.2 at least",
                  printable(name)));
}

// A key may stand in the file of its certificate, as in Python.
void read_certificate(const Options& options, TlsSettings& tls) {
  tls.cert_file = options.get<std::string>("ssl_cert_file");
  tls.key_file = options.get<std::string>("ssl_key_file");
  if (tls.cert_file.empty() && !tls.key_file.empty())
    throw ConfigurationError("ssl_key_file needs the certificate of that key; set ssl_cert_file");
  if (tls.key_file.empty()) tls.key_file = tls.cert_file;
}

void check_fips() {
  if (::EVP_default_properties_is_fips_enabled(nullptr) == 1) return;
  throw ConfigurationError(
      "ssl_enforce_fips_mode: OpenSSL is not in FIPS mode; configure that in openssl.cnf, or leave "
      "the option out");
}

}  // namespace

std::optional<TlsSettings> tls_settings_of(const DriverContext& context) {
  const auto& options = context.options;
  if (!asked_for(context)) return refuse_without_tls(options), std::nullopt;
  if (options.get<bool>("ssl_enforce_fips_mode")) check_fips();
  TlsSettings tls{.ca_file = options.get<std::string>("ssl_ca_file"),
                  .version = version_of(options.get<std::string>("ssl_version")),
                  .verify_peer = !options.get<bool>("insecure_skip_verify"),
                  .verify_host = options.get<bool>("ssl_enforce_hostname_verification")};
  read_certificate(options, tls);
  check_files(tls);
  return tls;
}

}  // namespace gantry::rabbit
