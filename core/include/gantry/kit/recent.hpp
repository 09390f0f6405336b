// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace gantry {

// A fact about each of the ids that were added most recently, `depth` of them and at least one. Not
// thread-safe.
template <class Fact>
class Recent {
 public:
  explicit Recent(std::size_t depth) : depth_(depth) {}
  Recent(const Recent&) = delete;
  Recent& operator=(const Recent&) = delete;

  // Null where the id is not known. Facts stay where they are until they are forgotten.
  const Fact* find(std::string_view id) const {
    const auto known = index_.find(id);
    return known == index_.end() ? nullptr : &known->second->second;
  }
  // The fact about an id, made where there was none; the oldest is forgotten for it.
  Fact& operator[](std::string_view id) {
    if (const auto known = index_.find(id); known != index_.end()) return known->second->second;
    if (newest_first_.size() == depth_) erase(newest_first_.back().first);
    newest_first_.emplace_front(id, Fact());
    index_.emplace(newest_first_.front().first, newest_first_.begin());
    return newest_first_.front().second;
  }
  // As if the id were added now; false where it is not known.
  bool refresh(std::string_view id) {
    const auto known = index_.find(id);
    if (known == index_.end()) return false;
    newest_first_.splice(newest_first_.begin(), newest_first_, known->second);
    return true;
  }
  void erase(std::string_view id) {
    const auto known = index_.find(id);
    if (known == index_.end()) return;
    const auto place = known->second;  // the index's key is a view into it, so it goes last
    index_.erase(known);
    newest_first_.erase(place);
  }

 private:
  using Entries = std::list<std::pair<const std::string, Fact>>;

  const std::size_t depth_;
  Entries newest_first_;
  std::unordered_map<std::string_view, typename Entries::iterator> index_;  // views into the list
};

}  // namespace gantry
