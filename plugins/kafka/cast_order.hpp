// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "outgoing.hpp"

namespace gantry::kafka {

// Casts go to all partitions of a topic in turn, so that all of its servers get some. For a server
// that reads several partitions to keep their order, each says where the one before it was stored.
// For any thread.
class CastOrder {
 public:
  void stored(const std::string& topic, const StoredAt& where);
  // The header that the next one carries; empty for the first.
  std::string after(const std::string& topic) const;
  // Throws SerializationError.
  static StoredAt parse(std::string_view header);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, StoredAt> last_;  // guarded by mutex_
};

}  // namespace gantry::kafka
