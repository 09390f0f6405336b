// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gantry {

// Eight bytes of text looked at together. Each test sets the top bit of the bytes that it holds
// for; bits above the lowest one may be wrong, so that only `first_byte` of the result counts.
inline constexpr std::size_t kWord = sizeof(std::uint64_t);
inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kTops = 0x8080808080808080;

inline std::uint64_t load_word(const char* text) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, kWord);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

inline std::uint64_t below(std::uint64_t bytes, std::uint64_t limit) {  // limit <= 0x80
  return (bytes - kOnes * limit) & ~bytes & kTops;
}

inline std::uint64_t above(std::uint64_t bytes, std::uint64_t limit) {  // limit < 0x80
  return (bytes | (bytes + kOnes * (0x7f - limit))) & kTops;
}

inline std::uint64_t equal(std::uint64_t bytes, char c) {  // c is ASCII
  return below(bytes ^ (kOnes * static_cast<unsigned char>(c)), 1);
}

inline std::size_t first_byte(std::uint64_t found) {
  return static_cast<std::size_t>(std::countr_zero(found)) / 8;
}

}  // namespace gantry
