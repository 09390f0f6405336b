// SPDX-License-Identifier: Apache-2.0
#include "tls_fault.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <system_error>

#include "fault.hpp"

namespace gantry::rabbit {
namespace {

// Alerts by which a peer says that it will not have us.
bool is_refusal(int alert) {
  switch (alert) {
    case SSL_AD_HANDSHAKE_FAILURE:
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_PROTOCOL_VERSION:
    case SSL_AD_INSUFFICIENT_SECURITY:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

// Of the oldest error, when it is one of TLS.
int reason_of_tls() {
  const auto error = ::ERR_peek_error();
  return ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
}

}  // namespace

std::string tls_reason() {
  const auto error = ::ERR_peek_error();
  if (error == 0 || reason_of_tls() == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return "the connection was closed";
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const auto* const reason = ::ERR_reason_error_string(error);
  return reason != nullptr ? reason : "unknown error of OpenSSL";
}

void throw_tls_fault(std::string_view doing) {
  const auto reason = reason_of_tls();
  const auto what = fmt::format("{}: {}", doing, tls_reason());
  if (is_refusal(reason - SSL_AD_REASON_OFFSET))
    throw TlsRefused(what +
                     "; the broker refuses our certificate (ssl_cert_file), the lack of one, "
                     "or our versions of TLS (ssl_version)");
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL)
    throw TlsRefused(what + "; the broker's version of TLS is older than ssl_version allows");
  if (reason == SSL_R_WRONG_VERSION_NUMBER)
    throw ConnectionLost(what + "; the peer does not speak TLS: is this the broker's TLS port?");
  throw ConnectionLost(what);
}

}  // namespace gantry::rabbit
