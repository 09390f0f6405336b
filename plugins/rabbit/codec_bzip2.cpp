// SPDX-License-Identifier: Apache-2.0
#include <bzlib.h>

#include <algorithm>
#include <limits>

#include "codec.hpp"
#include "gantry/error.hpp"

namespace gantry::rabbit {
namespace {

constexpr int kQuiet = 0;
constexpr int kDefaultWork = 0;
constexpr int kBlockSize = 9;  // as Python's

class Decompressor {
 public:
  explicit Decompressor(std::string_view compressed) {
    constexpr int kFast = 0;
    if (compressed.size() > std::numeric_limits<unsigned>::max() ||
        BZ2_bzDecompressInit(&stream_, kQuiet, kFast) != BZ_OK)
      throw SerializationError("the compressed body cannot be read (bzip2)");
    stream_.next_in = const_cast<char*>(compressed.data());
    stream_.avail_in = static_cast<unsigned>(compressed.size());
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { BZ2_bzDecompressEnd(&stream_); }

  detail::Step operator()(char* room, std::size_t size) {
    const auto most = static_cast<unsigned>(std::min<std::size_t>(size, 1U << 30));
    stream_.next_out = room;
    stream_.avail_out = most;
    const auto status = BZ2_bzDecompress(&stream_);
    const bool ended = status == BZ_STREAM_END && stream_.avail_in == 0;
    if (!ended && (status != BZ_OK || stream_.avail_out != 0))
      throw SerializationError("the compressed body is no whole bzip2 stream");
    return {most - stream_.avail_out, ended};
  }

 private:
  bz_stream stream_{};
};

}  // namespace

std::string bzip2_body(std::string_view body) {
  constexpr std::size_t kMost = 1U << 30;
  if (body.size() > kMost) throw SerializationError("the body is too long to compress (bzip2)");
  // The bound that the library's manual gives.
  auto size = static_cast<unsigned>(body.size() + body.size() / 100 + 601);
  std::string out(size, '\0');
  const auto status = BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(body.data()),
                                               static_cast<unsigned>(body.size()), kBlockSize,
                                               kQuiet, kDefaultWork);
  if (status != BZ_OK) throw SerializationError("the body cannot be compressed (bzip2)");
  out.resize(size);
  return out;
}

std::string bunzip2_body(std::string_view compressed, std::size_t most) {
  Decompressor decompressor(compressed);
  return detail::expand_in_steps(
      most, [&](char* room, std::size_t size) { return decompressor(room, size); });
}

}  // namespace gantry::rabbit
