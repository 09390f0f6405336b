// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"
#include "tcp.hpp"
#include "tls_settings.hpp"

namespace gantry::rabbit {

// The TLS of a connection object, and the half of it that rabbitmq-c does not show. It ends before
// the object does.
class TlsSocket {
 public:
  // Gives the object a socket that speaks TLS on the connection `tcp`, with a descriptor of its own
  // for it. The handshake is over when this returns, by `deadline`. Throws TlsRefused,
  // ConnectionLost, ConfigurationError.
  TlsSocket(amqp_connection_state_t state, const Socket& tcp, const std::string& host,
            const TlsSettings& settings, Deadline deadline);

  // Whether OpenSSL holds what no poll of the socket shows.
  bool has_input() const noexcept;

  // The library has failed at TLS. Throws what the peer had to say, as throw_tls_fault does.
  [[noreturn]] void refused(std::string_view doing, const Socket& tcp);

 private:
  struct Free {
    void operator()(SSL* ssl) const noexcept;
  };

  std::unique_ptr<SSL, Free> ssl_;  // shared with the object
};

}  // namespace gantry::rabbit
