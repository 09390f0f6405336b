// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <string>

#include "tls_settings.hpp"

namespace gantry::rabbit {

// Makes OpenSSL check the chain and the name of `host` (a name or an address) within the handshake,
// and hold our certificate. Throws ConfigurationError for a file that cannot be used.
void configure(SSL_CTX& context, const TlsSettings& settings, const std::string& host);

// Throws as `configure` would.
void check_files(const TlsSettings& settings);

bool is_address(const std::string& host);  // IPv4 or IPv6

}  // namespace gantry::rabbit
