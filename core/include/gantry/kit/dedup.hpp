// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string_view>
#include <variant>

#include "gantry/export.hpp"
#include "gantry/kit/recent.hpp"

namespace gantry {

// The ids seen most recently, `depth` of them; a redelivered message is recognised by its id. Not
// thread-safe: it belongs to the thread that receives.
class GANTRY_API RecentIds {
 public:
  static constexpr std::size_t kDepth = 10'000;  // reliability §2.1 O2

  explicit RecentIds(std::size_t depth = kDepth) : depth_(depth) {}
  RecentIds(const RecentIds&) = delete;
  RecentIds& operator=(const RecentIds&) = delete;

  // Remembers `id` as the newest; false when it was known already. An empty id is never known.
  bool remember(std::string_view id);
  void forget(std::string_view id);

 private:
  const std::size_t depth_;
  Recent<std::monostate> known_{depth_};
};

// The same for what several threads receive. [any thread]
class GANTRY_API SharedIds {
 public:
  bool remember(std::string_view id) {
    const std::lock_guard lock(mutex_);
    return ids_.remember(id);
  }

 private:
  std::mutex mutex_;
  RecentIds ids_;  // guarded by mutex_
};

}  // namespace gantry
