// SPDX-License-Identifier: Apache-2.0
#include "tls_context.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <new>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "tls_fault.hpp"

namespace gantry::rabbit {
namespace {

// In place of OpenSSL's own, which asks whoever sits at the terminal.
int nobody_knows(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

[[noreturn]] void refuse(std::string_view option, const std::string& file, std::string_view why) {
  throw ConfigurationError(fmt::format("{} {}: {}", option, printable(file), why));
}

// openssl.cnf may ask for more than 1.2, and then it has its way.
void limit_versions(SSL_CTX& context, int version) {
  if (version != 0) {
    ::SSL_CTX_set_min_proto_version(&context, version);
    ::SSL_CTX_set_max_proto_version(&context, version);
  } else if (::SSL_CTX_get_min_proto_version(&context) < TLS1_2_VERSION) {
    ::SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  }
}

void trust(SSL_CTX& context, const TlsSettings& settings) {
  ::ERR_clear_error();
  if (settings.ca_file.empty()) {
    ::SSL_CTX_set_default_verify_paths(&context);
  } else if (::SSL_CTX_load_verify_file(&context, settings.ca_file.c_str()) != 1) {
    refuse("ssl_ca_file", settings.ca_file, tls_reason());
  }
}

void use_certificate(SSL_CTX& context, const TlsSettings& settings) {
  bool asked = false;
  ::SSL_CTX_set_default_passwd_cb(&context, &nobody_knows);
  ::SSL_CTX_set_default_passwd_cb_userdata(&context, &asked);
  ::ERR_clear_error();
  if (::SSL_CTX_use_certificate_chain_file(&context, settings.cert_file.c_str()) != 1)
    refuse("ssl_cert_file", settings.cert_file, tls_reason());
  const auto& key = settings.key_file;
  const bool taken = ::SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  ::SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  if (taken) return;
  refuse("ssl_key_file", key,
         asked ? "it needs a passphrase, which nobody can be asked for; give a key without one"
               : tls_reason());
}

void verify(SSL_CTX& context, const TlsSettings& settings, const std::string& host) {
  ::SSL_CTX_set_verify(&context, settings.verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!settings.verify_host || host.empty()) return;
  auto* const parameters = ::SSL_CTX_get0_param(&context);
  ::X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const auto set = is_address(host)
                       ? ::X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                       : ::X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  if (set != 1) throw std::bad_alloc();
}

}  // namespace

bool is_address(const std::string& host) {
  unsigned char binary[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), binary) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), binary) == 1;
}

void configure(SSL_CTX& context, const TlsSettings& settings, const std::string& host) {
  limit_versions(context, settings.version);
  if (settings.verify_peer) trust(context, settings);
  if (!settings.cert_file.empty()) use_certificate(context, settings);
  verify(context, settings, host);
}

void check_files(const TlsSettings& settings) {
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(
      ::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
  if (!context) throw ConfigurationError(fmt::format("TLS cannot be used: {}", tls_reason()));
  auto files = settings;
  if (files.ca_file.empty()) files.verify_peer = false;  // the system's hundreds are read later
  configure(*context, files, "");
}

}  // namespace gantry::rabbit
