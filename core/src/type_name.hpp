// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <typeinfo>

namespace gantry {

// A C++ type as Python would name it: `app::net::Refused` is the class `Refused` of the module
// `app.net`. Unnamed namespaces are left out; a type outside any namespace has no module.
struct TypeName {
  std::string module{};
  std::string class_name{};
};

// What a library wrapped round the type that was thrown is taken off: Boost's two, and the holder
// of std::throw_with_nested.
TypeName type_name(const std::type_info& type);

}  // namespace gantry
