// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>

#include "ascii.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/options.hpp"
#include "redact.hpp"

namespace gantry {
namespace {

using List = std::vector<std::string>;
using Dict = std::map<std::string, std::string>;
using std::chrono::milliseconds;

[[noreturn]] void refuse(const OptionSpec& spec, std::string_view text, const std::string& why) {
  const std::string shown = spec.secret ? std::string(kRedacted) : printable(text);
  throw ConfigurationError("option '" + std::string(spec.name) + "': '" + shown + "' " + why);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The pieces between commas, without the blanks around them; empty ones vanish.
List split(std::string_view text) {
  List pieces;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto piece = trimmed(text.substr(0, comma));
    if (!piece.empty()) pieces.emplace_back(piece);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return pieces;
}

bool is_any_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool to_boolean(const OptionSpec& spec, std::string_view text) {
  const auto word = lower(std::string(text));
  if (is_any_of(word, {"true", "1", "on", "yes"})) return true;
  if (is_any_of(word, {"false", "0", "off", "no"})) return false;
  refuse(spec, text, "is neither true, on, yes, 1 nor false, off, no, 0");
}

std::string limit_text(double limit) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, limit).ptr};
}

void check_range(const OptionSpec& spec, std::string_view text, double number) {
  if (spec.min && number < *spec.min) refuse(spec, text, "is less than " + limit_text(*spec.min));
  if (spec.max && number > *spec.max) refuse(spec, text, "is more than " + limit_text(*spec.max));
}

// The number at the front of `text`, which is taken off; nothing where there is none.
template <class T>
std::optional<T> take_number(std::string_view& text) {
  T number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

std::int64_t to_integer(const OptionSpec& spec, std::string_view text) {
  auto rest = text;
  const auto number = take_number<std::int64_t>(rest);
  if (!number || !rest.empty()) refuse(spec, text, "is not a whole number");
  check_range(spec, text, static_cast<double>(*number));
  return *number;
}

double to_real(const OptionSpec& spec, std::string_view text) {
  auto rest = text;
  const auto number = take_number<double>(rest);
  if (!number || !rest.empty() || !std::isfinite(*number)) refuse(spec, text, "is not a number");
  check_range(spec, text, *number);
  return *number;
}

// Milliseconds in a unit, or nothing.
std::optional<double> unit_size(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit.empty() || unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return std::nullopt;
}

milliseconds to_duration(const OptionSpec& spec, std::string_view text) {
  constexpr double most = 1e15;  // 30,000 years; far from where a deadline would overflow
  auto unit = text;
  const auto number = take_number<double>(unit);
  const auto size = unit_size(unit);
  if (!number || !size || !(*number >= 0) || *number * *size > most) {
    refuse(spec, text, "is not a duration like 30, 1.5, 30s, 500ms, 20m or 1h");
  }
  const double count = *number * *size;
  check_range(spec, text, count / 1'000);
  // What is not 0 does not become 0, which often means "off".
  return milliseconds(count > 0 ? std::max(1LL, std::llround(count)) : 0);
}

void check_choice(const OptionSpec& spec, std::string_view text) {
  const auto choices = split(spec.choices);
  if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return;
  std::string known;
  for (const auto& choice : choices) known += (known.empty() ? "" : ", ") + choice;
  refuse(spec, text, "is not one of " + known);
}

std::string to_text(const OptionSpec& spec, std::string_view text) {
  const bool absent = text.empty() && spec.default_value.empty();
  if (!absent) check_choice(spec, text);
  return std::string(text);
}

List to_list(const OptionSpec& spec, std::string_view text) {
  auto items = split(text);
  for (const auto& item : items) check_choice(spec, item);
  return items;
}

Dict to_dict(const OptionSpec& spec, std::string_view text) {
  Dict dict;
  for (const auto& item : split(text)) {
    const auto colon = item.find(':');
    if (colon == std::string::npos) refuse(spec, text, "is not of the form key:value,key:value");
    const auto [known, added] = dict.emplace(trimmed(std::string_view(item).substr(0, colon)),
                                             trimmed(std::string_view(item).substr(colon + 1)));
    if (!added) refuse(spec, text, "gives a key twice");
  }
  return dict;
}

}  // namespace

std::string_view to_string(OptionType type) noexcept {
  switch (type) {
    case OptionType::boolean:
      return "boolean";
    case OptionType::integer:
      return "integer";
    case OptionType::real:
      return "real";
    case OptionType::text:
      return "text";
    case OptionType::list:
      return "list";
    case OptionType::dict:
      return "dict";
    case OptionType::duration:
      return "duration";
  }
  return "unknown";
}

OptionValue parse_option(const OptionSpec& spec, std::string_view text) {
  switch (spec.type) {
    case OptionType::boolean:
      return to_boolean(spec, text);
    case OptionType::integer:
      return to_integer(spec, text);
    case OptionType::real:
      return to_real(spec, text);
    case OptionType::text:
      return to_text(spec, text);
    case OptionType::list:
      return to_list(spec, text);
    case OptionType::dict:
      return to_dict(spec, text);
    case OptionType::duration:
      return to_duration(spec, text);
  }
  throw std::logic_error("option '" + std::string(spec.name) + "' has no type");
}

}  // namespace gantry
