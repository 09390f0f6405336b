// SPDX-License-Identifier: Apache-2.0
#include "duration_option.hpp"

#include <fmt/core.h>

#include "gantry/error.hpp"
#include "gantry/options.hpp"

namespace gantry::cli {
namespace {

constexpr OptionSpec kDuration{.name = "duration", .type = OptionType::duration};

std::chrono::milliseconds parse_duration(const std::string& option, const std::string& text) try {
  const auto duration = std::get<std::chrono::milliseconds>(parse_option(kDuration, text));
  if (duration <= duration.zero()) {
    throw CLI::ValidationError(option, "takes a duration longer than nothing");
  }
  return duration;
} catch (const ConfigurationError&) {
  throw CLI::ValidationError(option, "'" + text + "' is not a duration: write 5s, 500ms or 2m");
}

}  // namespace

CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::chrono::milliseconds>& into, const std::string& help) {
  return app
      .add_option_function<std::string>(
          name, [name, &into](const std::string& text) { into = parse_duration(name, text); }, help)
      ->type_name("DURATION");
}

std::string seconds_text(std::chrono::nanoseconds duration) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(duration).count());
}

}  // namespace gantry::cli
