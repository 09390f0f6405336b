// SPDX-License-Identifier: Apache-2.0
#include "driver_text.hpp"

#include <fmt/core.h>

#include "output.hpp"
#include "table.hpp"

namespace gantry::cli {
namespace {

// "1 to 65535", "at least 0", or the only texts allowed.
std::string range_text(const OptionSpec& option) {
  if (!option.choices.empty()) return std::string(option.choices);
  if (option.min && option.max) return fmt::format("{} to {}", *option.min, *option.max);
  if (option.min) return fmt::format("at least {}", *option.min);
  if (option.max) return fmt::format("at most {}", *option.max);
  return "any";
}

std::string_view shown_default(const OptionSpec& option) {
  if (option.default_value.empty()) return "-";
  return option.secret ? "***" : option.default_value;
}

std::string capabilities_text(const Features& features) {
  std::string text;
  for (const Capability& capability : kCapabilities) {
    if (!(features.*capability.flag)) continue;
    if (!text.empty()) text += ' ';
    text += capability.name;
  }
  return text.empty() ? "-" : text;
}

Object describe_option(const OptionSpec& option) {
  Object object{{"name", option.name}, {"type", to_string(option.type)}};
  if (!option.secret) object["default"] = option.default_value;
  if (option.min) object["min"] = *option.min;
  if (option.max) object["max"] = *option.max;
  if (!option.choices.empty()) object["choices"] = option.choices;
  object["secret"] = option.secret;
  object["help"] = option.help;
  return object;
}

}  // namespace

std::string_view abi_text() { return GANTRY_TEXT(GANTRY_ABI); }

Object describe(const DriverDescriptor& driver) {
  Object features;
  for (const Capability& each : kCapabilities) features[each.name] = driver.features.*each.flag;
  return {{"version", driver.version},        {"abi", GANTRY_ABI},
          {"schemes", driver.schemes},        {"summary", driver.summary},
          {"library", driver.client_library}, {"features", std::move(features)}};
}

Array describe_options(std::span<const OptionSpec> options) {
  Array array;
  for (const OptionSpec& option : options) array.emplace_back(describe_option(option));
  return array;
}

void print_description(const DriverDescriptor& driver) {
  print(fmt::format("schemes:       {}", driver.schemes));
  print(fmt::format("version:       {} (ABI {})", driver.version, abi_text()));
  print(fmt::format("summary:       {}", driver.summary));
  print(fmt::format("library:       {}",
                    driver.client_library.empty() ? "-" : driver.client_library));
  print(fmt::format("capabilities:  {}\n", capabilities_text(driver.features)));
  Table options({"OPTION", "TYPE", "DEFAULT", "RANGE", "SECRET", "MEANING"});
  for (const OptionSpec& option : driver.options) {
    options.add({std::string(option.name), std::string(to_string(option.type)),
                 std::string(shown_default(option)), range_text(option),
                 option.secret ? "secret" : "-", std::string(option.help)});
  }
  options.print();
}

}  // namespace gantry::cli
