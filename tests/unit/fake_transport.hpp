// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "gantry/transport.hpp"
#include "gantry/transport_url.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;  // the fake, linked in

namespace gantry {

// A broker that was not seen before, also when a test is repeated: one lives as long as the
// process.
inline std::string new_fake_url() {
  static int made = 0;
  return "fake://broker-" + std::to_string(++made);
}

// The fake driver without the loader, with the options of the URL's query.
inline std::unique_ptr<BaseDriver> fake_driver(const std::string& url) {
  const auto parsed = TransportUrl::parse(url);
  std::vector<OptionSetting> settings;
  for (const auto& [name, text] : parsed.query) settings.push_back({name, text, "in the query"});
  const auto options = Options::resolve(GANTRY_DRIVER_SYMBOL.options, settings);
  return GANTRY_DRIVER_SYMBOL.create({parsed, options, "openstack"});
}

// A transport on it. Tests that name different brokers ("fake://a") do not see each other's
// messages.
inline Transport fake_transport(const std::string& url = new_fake_url()) {
  return {fake_driver(url),
          {.url = TransportUrl::parse(url), .rpc_response_timeout = std::chrono::seconds(60)}};
}

}  // namespace gantry
