// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/access_policy.hpp"

namespace gantry {

AccessPolicy::~AccessPolicy() = default;
LegacyAccessPolicy::~LegacyAccessPolicy() = default;
DefaultAccessPolicy::~DefaultAccessPolicy() = default;
ExplicitAccessPolicy::~ExplicitAccessPolicy() = default;

bool LegacyAccessPolicy::is_allowed(const Endpoint&, std::string_view) const { return true; }

bool DefaultAccessPolicy::is_allowed(const Endpoint&, std::string_view method) const {
  return !method.starts_with('_');
}

bool ExplicitAccessPolicy::is_allowed(const Endpoint& endpoint, std::string_view method) const {
  const auto* const found = endpoint.find(method);
  return found != nullptr && found->options.exposed;
}

}  // namespace gantry
