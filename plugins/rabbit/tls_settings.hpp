// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gantry/driver/descriptor.hpp"

namespace gantry::rabbit {

// How a broker proves who it is, and how we do.
struct TlsSettings {
  std::string ca_file{};    // empty: the system's authorities
  std::string cert_file{};  // empty: we have no certificate
  std::string key_file{};
  int version = 0;          // as OpenSSL numbers them; 0: 1.2 and what is newer
  bool verify_peer = true;  // false: whoever answers is taken for the broker
  bool verify_host = true;  // the certificate names the host; without verify_peer of no meaning
};

// None where TLS was not asked for. Throws ConfigurationError for files that cannot be used, for
// versions below 1.2, and for options of TLS that would have no effect.
std::optional<TlsSettings> tls_settings_of(const DriverContext& context);

}  // namespace gantry::rabbit
