// SPDX-License-Identifier: Apache-2.0
#include "gantry/options.hpp"

#include <algorithm>
#include <stdexcept>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

OptionValue default_of(const OptionSpec& spec) {
  try {
    return parse_option(spec, spec.default_value);
  } catch (const ConfigurationError& error) {
    throw std::logic_error(std::string("a driver's table of options is wrong: ") + error.what());
  }
}

std::string unknown(std::span<const OptionSpec> specs, const std::string& name) {
  const std::string text = "unknown option '" + printable(name) + '\'';
  if (specs.empty()) return text + "; this driver has none";
  std::vector<std::string_view> known;
  for (const auto& spec : specs) known.push_back(spec.name);
  const auto near = nearest_name(name, known);
  if (!near) return text + "; `gantry drivers show` lists the options of a driver";
  return text + "; did you mean '" + *near + "'?";
}

OptionValue value_of(std::span<const OptionSpec> specs, const OptionSetting& setting) {
  const auto spec = std::find_if(specs.begin(), specs.end(),
                                 [&](const OptionSpec& row) { return row.name == setting.name; });
  if (spec == specs.end()) throw ConfigurationError(unknown(specs, setting.name));
  OptionSpec row = *spec;
  row.secret = row.secret || setting.secret;
  return parse_option(row, setting.text);
}

}  // namespace

Options Options::resolve(std::span<const OptionSpec> specs,
                         std::span<const OptionSetting> settings) {
  Options options;
  for (const auto& spec : specs) options.values_.emplace(spec.name, default_of(spec));
  for (const auto& setting : settings) {
    try {
      options.values_[setting.name] = value_of(specs, setting);
    } catch (const ConfigurationError& error) {
      if (setting.where.empty()) throw;
      throw ConfigurationError(setting.where + ": " + error.what());
    }
  }
  return options;
}

const OptionValue& Options::at(std::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  throw std::logic_error("option '" + std::string(name) + "' is not declared by its driver");
}

void Options::refuse_type(std::string_view name) {
  throw std::logic_error("option '" + std::string(name) + "' is declared with another type");
}

}  // namespace gantry
