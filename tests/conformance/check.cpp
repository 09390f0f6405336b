// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include "gantry/json.hpp"

namespace gantry::conformance {
namespace {

std::string place(const std::source_location& at) {
  const std::string_view path = at.file_name();
  return std::string(path.substr(path.rfind('/') + 1)) + ':' + std::to_string(at.line());
}

// Values that were cut out of the middle of a text are of no use; what is long is cut.
std::string shortened(std::string text) {
  constexpr std::size_t most = 300;
  if (text.size() > most) text.replace(most, std::string::npos, " …");
  return text;
}

}  // namespace

CheckFailed::CheckFailed(std::string_view what, std::source_location at)
    : std::runtime_error(std::string(what) + " (" + place(at) + ')') {}

std::string text_of(std::string_view text) { return '\'' + shortened(std::string(text)) + '\''; }

std::string text_of(const Value& value) { return shortened(to_json(value)); }

std::string text_of(const std::vector<int>& numbers) {
  std::string text = "[";
  for (const int number : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
  return shortened(text + ']');
}

}  // namespace gantry::conformance
