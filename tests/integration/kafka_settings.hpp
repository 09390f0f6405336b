// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gantry/options.hpp"
#include "gantry/transport_url.hpp"
#include "option_table.hpp"
#include "settings.hpp"

namespace gantry::test {

// What the kafka driver makes of a URL.
inline kafka::Settings settings_of(const std::string& text) {
  const auto url = TransportUrl::parse(text);
  std::vector<OptionSetting> given;
  for (const auto& [name, value] : url.query) given.push_back({name, value, "in the URL's query"});
  return kafka::Settings::from({.url = url,
                                .options = Options::resolve(kafka::kOptions, given),
                                .default_exchange = "openstack"});
}

}  // namespace gantry::test
