// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "gantry/message.hpp"

namespace gantry::rabbit {

// A way to compress bodies. Both throw SerializationError for what cannot be done; `expand` also
// when the result would be longer than `most` bytes, before it is that long, and when anything
// follows the compressed data. [any thread]
struct Codec {
  std::string_view type;  // in the header `compression`
  std::string (*compress)(std::string_view body);
  std::string (*expand)(std::string_view compressed, std::size_t most);
};

// By the value of kombu_compression or by the header's; null for others.
const Codec* find_codec(std::string_view name) noexcept;

// Compresses a body and says so in the headers. Without a codec it stays as it is.
void compress(std::string& body, Headers& headers, const Codec* codec);

std::string deflate_body(std::string_view body);  // zlib's format, whatever the type says
std::string inflate_body(std::string_view compressed, std::size_t most);
std::string bzip2_body(std::string_view body);
std::string bunzip2_body(std::string_view compressed, std::size_t most);
std::string xz_body(std::string_view body);
std::string unxz_body(std::string_view compressed, std::size_t most);

namespace detail {

inline constexpr std::size_t kFirstRoom = 4096;

struct Step {
  std::size_t produced;
  bool ended;
};

[[noreturn]] void throw_too_long(std::size_t most);

// Calls step(room, size) for more output until it says that this was all.
template <class Decompress>
std::string expand_in_steps(std::size_t most, Decompress step) {
  std::string out;
  while (true) {
    const auto filled = out.size();
    out.resize(filled + std::min(std::max(filled, kFirstRoom), most + 1 - filled));
    const Step done = step(out.data() + filled, out.size() - filled);
    out.resize(filled + done.produced);
    if (out.size() > most) throw_too_long(most);
    if (done.ended) return out;
  }
}

}  // namespace detail
}  // namespace gantry::rabbit
