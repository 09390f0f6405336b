// SPDX-License-Identifier: Apache-2.0
#include "codec.hpp"

#include <fmt/format.h>

#include "gantry/error.hpp"

namespace gantry::rabbit {
namespace {

constexpr Codec kDeflate{"application/x-gzip", deflate_body, inflate_body};
constexpr Codec kBzip2{"application/x-bz2", bzip2_body, bunzip2_body};
constexpr Codec kXz{"application/x-lzma", xz_body, unxz_body};

// kombu's names, and `bz2`, which oslo.messaging documents.
constexpr struct {
  std::string_view name;
  const Codec* codec;
} kNames[] = {{"gzip", &kDeflate}, {"zlib", &kDeflate}, {"bzip2", &kBzip2},
              {"bz2", &kBzip2},    {"lzma", &kXz},      {"xz", &kXz}};

}  // namespace

const Codec* find_codec(std::string_view name) noexcept {
  for (const auto& [known, codec] : kNames)
    if (name == known || name == codec->type) return codec;
  return nullptr;
}

void compress(std::string& body, Headers& headers, const Codec* codec) {
  if (codec == nullptr) return;
  body = codec->compress(body);
  headers.insert_or_assign("compression", std::string(codec->type));
}

void detail::throw_too_long(std::size_t most) {
  throw SerializationError(fmt::format(
      "the compressed body holds more than {} bytes, the most that is taken of it", most));
}

}  // namespace gantry::rabbit
