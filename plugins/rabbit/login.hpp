// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/options.hpp"

namespace gantry::rabbit {

struct Settings;

enum class LoginMethod {
  password,  // PLAIN; AMQPLAIN has the same credentials
  external,  // the broker knows us by our certificate
};

LoginMethod login_of(const Options& options);

// Throws ConfigurationError for EXTERNAL without a certificate, and for passwords that would go
// over a network in the clear where that is not allowed. Warns of a user that no remote broker lets
// in.
void check_login(const Settings& settings, const Options& options);

}  // namespace gantry::rabbit
