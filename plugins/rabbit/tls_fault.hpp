// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "gantry/error.hpp"

// OpenSSL's ways of saying that something failed, as gantry's errors.
namespace gantry::rabbit {

// One side would not have the other's certificate, or its version of TLS. It concerns this host
// alone, and no further attempt changes it.
class TlsRefused final : public AuthenticationFailed {
 public:
  using AuthenticationFailed::AuthenticationFailed;
};

// Why OpenSSL's latest call on this thread failed, in its own words.
std::string tls_reason();

// What that failure means to a connection that is being made: TlsRefused, or ConnectionLost where
// another attempt may succeed.
[[noreturn]] void throw_tls_fault(std::string_view doing);

}  // namespace gantry::rabbit
