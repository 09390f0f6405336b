// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

namespace gantry::fake {

// How many messages lie in one queue, for tests to look at (FAKE-3). The queue is that of a topic,
// of a server (its own), or of a pool; the queues of fanouts belong to their listeners and are not
// shown.
struct Depth {
  std::string exchange{};
  std::string topic{};
  std::string server{};
  std::string pool{};
  std::size_t messages = 0;  // those assigned to a listener that has not handed them over count

  friend bool operator==(const Depth&, const Depth&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Depth& depth) {
    return out << depth.exchange << '/' << depth.topic << " server '" << depth.server << "' pool '"
               << depth.pool << "': " << depth.messages;
  }
};

}  // namespace gantry::fake
