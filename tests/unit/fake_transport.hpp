// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "gantry/driver/descriptor.hpp"
#include "gantry/transport.hpp"
#include "gantry/transport_url.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;  // the fake, linked in

namespace gantry {

// A transport on the fake driver without the loader. Tests that name different brokers ("fake://a")
// do not see each other's messages.
inline Transport fake_transport(const std::string& url) {
  const auto parsed = TransportUrl::parse(url);
  const auto options = Options::resolve(GANTRY_DRIVER_SYMBOL.options, {});
  return {GANTRY_DRIVER_SYMBOL.create({parsed, options, "openstack"}),
          {.url = parsed, .rpc_response_timeout = std::chrono::seconds(60)}};
}

}  // namespace gantry
