// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/rpc/endpoint.hpp"

namespace gantry {

// Finds the method that a request asks for and runs it (semantics §14). Without state between
// requests.
class Dispatcher {
 public:
  explicit Dispatcher(std::vector<Endpoint> endpoints) : endpoints_(std::move(endpoints)) {}

  // Runs the method and gives its result, or what it threw. Logs what went wrong, at the level that
  // it deserves. [any thread]
  Reply dispatch(const IncomingMessage& request) const noexcept;

 private:
  Value run(const IncomingMessage& request) const;
  const Endpoint::Method& find(const Object& body) const;

  const std::vector<Endpoint> endpoints_;
};

}  // namespace gantry
