// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "codec.hpp"
#include "gantry/error.hpp"

namespace gantry::rabbit {
namespace {

class Inflater {
 public:
  explicit Inflater(std::string_view compressed) {
    if (compressed.size() > std::numeric_limits<uInt>::max() || inflateInit(&stream_) != Z_OK)
      throw SerializationError("the compressed body cannot be read (zlib)");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream_.avail_in = static_cast<uInt>(compressed.size());
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  detail::Step operator()(char* room, std::size_t size) {
    const auto most = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
    stream_.next_out = reinterpret_cast<Bytef*>(room);
    stream_.avail_out = most;
    const auto status = inflate(&stream_, Z_NO_FLUSH);
    const bool ended = status == Z_STREAM_END && stream_.avail_in == 0;
    if (!ended && (status != Z_OK || stream_.avail_out != 0))
      throw SerializationError("the compressed body is no whole zlib stream");
    return {most - stream_.avail_out, ended};
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string deflate_body(std::string_view body) {
  auto size = compressBound(body.size());
  std::string out(size, '\0');
  const auto status =
      ::compress(reinterpret_cast<Bytef*>(out.data()), &size,
                 reinterpret_cast<const Bytef*>(body.data()), static_cast<uLong>(body.size()));
  if (status != Z_OK) throw SerializationError("the body cannot be compressed (zlib)");
  out.resize(size);
  return out;
}

std::string inflate_body(std::string_view compressed, std::size_t most) {
  Inflater inflater(compressed);
  return detail::expand_in_steps(
      most, [&](char* room, std::size_t size) { return inflater(room, size); });
}

}  // namespace gantry::rabbit
