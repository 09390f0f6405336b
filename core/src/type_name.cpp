// SPDX-License-Identifier: Apache-2.0
#include "type_name.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace gantry {
namespace {

std::string demangled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : type.name();
}

std::string_view unwrapped(std::string_view name) {
  for (const std::string_view wrapper :
       {"boost::wrapexcept<", "boost::detail::with_throw_location<", "std::_Nested_exception<"}) {
    if (!name.starts_with(wrapper)) continue;
    name.remove_prefix(wrapper.size());
    return unwrapped(name.substr(0, name.rfind('>')));
  }
  return name;
}

std::string without(std::string text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part)) {
    text.erase(at, part.size());
  }
  return text;
}

// Where the last component begins: after the last `::` that is outside of <> and ().
std::size_t last_component(std::string_view name) {
  int open = 0;
  for (std::size_t at = name.size(); at-- > 0;) {
    const char c = name[at];
    if (c == '>' || c == ')') ++open;
    if (c == '<' || c == '(') --open;
    if (open == 0 && c == ':') return at + 1;
  }
  return 0;
}

std::string dotted(std::string_view name) {
  std::string text;
  for (auto at = name.find("::"); at != std::string_view::npos; at = name.find("::")) {
    text.append(name.substr(0, at)) += '.';
    name.remove_prefix(at + 2);
  }
  return text.append(name);
}

}  // namespace

TypeName type_name(const std::type_info& type) {
  const std::string name =
      without(std::string(unwrapped(demangled(type))), "(anonymous namespace)::");
  const std::size_t begin = last_component(name);
  if (begin == 0) return {.class_name = name};
  return {dotted(std::string_view(name).substr(0, begin - 2)), name.substr(begin)};
}

}  // namespace gantry
