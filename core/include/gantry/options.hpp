// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gantry/export.hpp"

namespace gantry {

enum class OptionType { boolean, integer, real, text, list, dict, duration };
GANTRY_API std::string_view to_string(OptionType type) noexcept;

// One row of the table in which a driver declares its options. A constant: reading it runs no code.
// Names and defaults are oslo.messaging's where it has the option, so that settings carry over.
struct OptionSpec {
  std::string_view name;
  OptionType type = OptionType::text;
  std::string_view default_value{};  // as it would be written; an absent text is ""
  std::optional<double> min{};       // numbers; durations in seconds
  std::optional<double> max{};
  std::string_view choices{};   // "a,b,c": the only texts allowed; empty: any
  bool secret = false;          // never shown
  std::string_view help{};      // one sentence, with the unit
  std::string_view old_name{};  // still taken from a configuration, with a warning; not from a URL
};

// A value that somebody gave to an option, and where: "settings.yaml:4:7" or "in the URL's query".
struct OptionSetting {
  std::string name;
  std::string text;
  std::string where;
  bool secret = false;  // the text came from a secret and is not repeated, whatever the option
};

using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>,
                                 std::map<std::string, std::string>, std::chrono::milliseconds>;

// A driver's options with a value for each row of its table.
//
// How texts are read: booleans true/1/on/yes and false/0/off/no in any case; lists split on commas;
// dicts on commas and then the first colon; durations "30" (seconds), "1.5", "30s", "500ms", "20m",
// "1h", never negative. Choices hold for each item of a list. A text whose default is "" may always
// be "", which means that it is absent.
class GANTRY_API Options {
 public:
  Options() = default;

  // The defaults of `specs`, overridden by `settings`, of which a later one wins over an earlier.
  // Throws ConfigurationError that names the place and, for an unknown name, the nearest known one;
  // also for a setting that a later one overrides. A default that its own row does not allow is a
  // std::logic_error.
  static Options resolve(std::span<const OptionSpec> specs,
                         std::span<const OptionSetting> settings);

  // The value of a declared option; `T` is the alternative of OptionValue that its type means.
  // Asking for an option that is not declared, or as another type, is a std::logic_error: a bug in
  // the driver.
  template <class T>
  const T& get(std::string_view name) const {
    const T* const value = std::get_if<T>(&at(name));
    if (!value) refuse_type(name);
    return *value;
  }

 private:
  [[noreturn]] static void refuse_type(std::string_view name);
  const OptionValue& at(std::string_view name) const;

  std::map<std::string, OptionValue, std::less<>> values_;
};

// Reads one text as the option's type, with its limits and choices. Throws ConfigurationError
// without a place; the text of a secret is not repeated.
GANTRY_API OptionValue parse_option(const OptionSpec& spec, std::string_view text);

// The known name nearest to `name`, if it is near enough to be a slip of the pen.
GANTRY_API std::optional<std::string> nearest_name(std::string_view name,
                                                   std::span<const std::string_view> known);

}  // namespace gantry
