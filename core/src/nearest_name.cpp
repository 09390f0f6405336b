// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "gantry/options.hpp"

namespace gantry {
namespace {

// How many letters have to be inserted, removed, replaced or swapped with their neighbour to get
// from `a` to `b`. Three rows of the usual table suffice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name,
                                        std::span<const std::string_view> known) {
  constexpr std::size_t longest_name = 100;  // nobody's slip of the pen, and costly to compare
  if (name.size() > longest_name) return std::nullopt;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;  // this far is too far
  std::optional<std::string> nearest;
  for (const auto candidate : known) {
    const std::size_t steps = distance(name, candidate);
    if (steps >= least) continue;
    least = steps;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace gantry
