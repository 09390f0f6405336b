// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/endpoint.hpp"

#include <algorithm>

#include "gantry/log.hpp"

namespace gantry {
namespace detail {

void check_arguments(const std::vector<std::string>& names, const std::vector<bool>& optional,
                     const Object& args) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!optional[i] && !args.contains(names[i])) {
      throw InvalidArgument("missing argument '" + names[i] + "'");
    }
  }
  for (const auto& member : args) {
    if (std::find(names.begin(), names.end(), member.key()) == names.end()) {
      throw InvalidArgument("unexpected argument '" + printable(member.key(), 60) + "'");
    }
  }
}

void throw_bad_argument(std::string_view name, const std::string& why) {
  throw InvalidArgument("argument '" + std::string(name) + "' is of the wrong type: " + why);
}

}  // namespace detail

Endpoint::Endpoint(std::string_view version, std::optional<std::string> ns,
                   std::vector<std::optional<std::string>> legacy_namespaces)
    : version_(Version::parse(version)),
      namespace_(std::move(ns)),
      legacy_namespaces_(std::move(legacy_namespaces)),
      methods_(std::make_shared<Methods>()) {}

Endpoint& Endpoint::method(std::string name, Function function, MethodOptions options) {
  if (name.empty()) throw InvalidArgument("a method needs a name");
  const auto [entry, added] =
      methods_->try_emplace(std::move(name), Method{std::move(function), std::move(options)});
  if (!added) throw InvalidArgument("the endpoint has a method '" + entry->first + "' already");
  return *this;
}

bool Endpoint::accepts_namespace(const std::optional<std::string>& ns) const {
  return ns == namespace_ || std::find(legacy_namespaces_.begin(), legacy_namespaces_.end(), ns) !=
                                 legacy_namespaces_.end();
}

const Endpoint::Method* Endpoint::find(std::string_view method) const {
  const auto found = methods_->find(method);
  return found == methods_->end() ? nullptr : &found->second;
}

}  // namespace gantry
