// SPDX-License-Identifier: Apache-2.0
#include <lzma.h>

#include "codec.hpp"
#include "gantry/error.hpp"

namespace gantry::rabbit {
namespace {

// The dictionary's size stands in the data; Python's default needs 9 MiB of it.
constexpr std::uint64_t kMostMemory = 32U << 20;

class Decoder {
 public:
  explicit Decoder(std::string_view compressed) {
    if (lzma_auto_decoder(&stream_, kMostMemory, 0) != LZMA_OK)
      throw SerializationError("the compressed body cannot be read (xz)");
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(compressed.data());
    stream_.avail_in = compressed.size();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { lzma_end(&stream_); }

  detail::Step operator()(char* room, std::size_t size) {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(room);
    stream_.avail_out = size;
    const auto status = lzma_code(&stream_, LZMA_FINISH);
    const bool ended = status == LZMA_STREAM_END && stream_.avail_in == 0;
    if (!ended && (status != LZMA_OK || stream_.avail_out != 0))
      throw SerializationError("the compressed body is no whole xz stream");
    return {size - stream_.avail_out, ended};
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::string xz_body(std::string_view body) {
  std::string out(lzma_stream_buffer_bound(body.size()), '\0');
  std::size_t size = 0;
  const auto status =
      lzma_easy_buffer_encode(LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64, nullptr,
                              reinterpret_cast<const std::uint8_t*>(body.data()), body.size(),
                              reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  if (status != LZMA_OK) throw SerializationError("the body cannot be compressed (xz)");
  out.resize(size);
  return out;
}

std::string unxz_body(std::string_view compressed, std::size_t most) {
  Decoder decoder(compressed);
  return detail::expand_in_steps(most,
                                 [&](char* room, std::size_t size) { return decoder(room, size); });
}

}  // namespace gantry::rabbit
