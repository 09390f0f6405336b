// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gantry/export.hpp"
#include "gantry/rpc/endpoint.hpp"

namespace gantry {

// Which methods of an endpoint may be called from outside (semantics DISP-8). A method that is not
// allowed is as good as missing. Asked by many threads at once.
class GANTRY_API AccessPolicy {
 public:
  virtual ~AccessPolicy();
  virtual bool is_allowed(const Endpoint& endpoint, std::string_view method) const = 0;
};

// Every method.
class GANTRY_API LegacyAccessPolicy final : public AccessPolicy {
 public:
  ~LegacyAccessPolicy() override;
  bool is_allowed(const Endpoint& endpoint, std::string_view method) const override;
};

// Every method whose name does not begin with an underscore. What a server uses if told nothing.
class GANTRY_API DefaultAccessPolicy final : public AccessPolicy {
 public:
  ~DefaultAccessPolicy() override;
  bool is_allowed(const Endpoint& endpoint, std::string_view method) const override;
};

// Only methods that were added with MethodOptions::exposed.
class GANTRY_API ExplicitAccessPolicy final : public AccessPolicy {
 public:
  ~ExplicitAccessPolicy() override;
  bool is_allowed(const Endpoint& endpoint, std::string_view method) const override;
};

}  // namespace gantry
