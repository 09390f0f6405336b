// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "recording_driver.hpp"

namespace gantry::test {

// What the factory of the driver `probe` was given, each time.
struct Given {
  TransportUrl url;
  Options options;
  std::string default_exchange;
};

inline std::vector<Given>& given_to_probes() {
  static std::vector<Given> given;
  return given;
}

inline std::unique_ptr<BaseDriver> make_probe(const DriverContext& context) {
  static RecordingDriver::Record nothing;
  given_to_probes().push_back({context.url, context.options, context.default_exchange});
  return std::make_unique<RecordingDriver>(nothing);
}

inline constexpr OptionSpec kProbeOptions[] = {
    {.name = "count", .type = OptionType::integer, .default_value = "1", .min = 1, .max = 1000},
    {.name = "retry_timeout",
     .type = OptionType::duration,
     .default_value = "60",
     .old_name = "reconnect_timeout"},
};

inline constexpr DriverDescriptor kProbe{
    .schemes = "probe", .version = "1", .options = kProbeOptions, .create = make_probe};

// A manager that knows the probe.
class Probes {
 public:
  Probes() {
    given_to_probes().clear();
    manager_.add(kProbe);
  }

  // Opens a transport; what its driver was given.
  Given open(const TransportConfig& config) const {
    manager_.open(config);
    return given_to_probes().back();
  }
  Given open(const std::string& url) const { return open(TransportConfig{.url = url}); }

  const DriverManager& manager() const { return manager_; }

 private:
  DriverManager manager_;
};

}  // namespace gantry::test
