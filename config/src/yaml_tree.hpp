// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

// Both from 1.
struct Place {
  int line = 1;
  int column = 1;
};

// A YAML document as it was written: each node with its place, repeated keys kept, scalars as text.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  Place place{};
  std::string text{};             // of a scalar
  std::vector<YamlNode> keys{};   // of a map, scalars all
  std::vector<YamlNode> items{};  // of a sequence; of a map the values, in the order of its keys
};

// The text is not YAML, or is YAML of a kind that is not taken.
class YamlError : public std::runtime_error {
 public:
  YamlError(const std::string& what, Place where) : std::runtime_error(what), place(where) {}
  Place place;
};

inline constexpr std::size_t kMaxYamlSize = 1024 * 1024;
inline constexpr std::size_t kMaxYamlDepth = 32;
inline constexpr std::size_t kMaxYamlNodes = 100'000;

// Reads one document. Aliases are expanded, and count as what they expand to. Throws YamlError,
// also for what goes beyond the limits above, tags, and keys that are no text.
YamlNode parse_yaml(std::string_view text);

}  // namespace gantry
