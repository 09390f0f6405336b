// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/rpc/access_policy.hpp"
#include "gantry/rpc/endpoint.hpp"
#include "gantry/serializer.hpp"

namespace gantry {

// Finds the method that a request asks for and runs it (semantics §14). Without state between
// requests.
class Dispatcher {
 public:
  Dispatcher(std::vector<Endpoint> endpoints, std::shared_ptr<const AccessPolicy> policy,
             std::shared_ptr<const Serializer> serializer);

  // Runs the method and gives its result, or what it threw. Logs what went wrong, at the level that
  // it deserves. [any thread]
  Reply dispatch(const IncomingMessage& request) const noexcept;

  // The method's name as it may be printed.
  static std::string describe(const Object& body);

 private:
  Value run(const IncomingMessage& request, const Endpoint::Method& method) const;
  const Endpoint::Method& find(const Object& body) const;

  const std::vector<Endpoint> endpoints_;
  const std::shared_ptr<const AccessPolicy> policy_;    // shared with whoever made the server
  const std::shared_ptr<const Serializer> serializer_;  // the same; null: nothing is changed
};

}  // namespace gantry
