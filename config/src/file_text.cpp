// SPDX-License-Identifier: Apache-2.0
#include "file_text.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace gantry {

std::string file_text(const std::filesystem::path& file, std::size_t limit) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(limit + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.eof() && stream.fail()) {
    throw std::runtime_error("cannot be read: " + std::generic_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() <= limit) return text;
  throw std::runtime_error("is larger than " + std::to_string(limit) + " bytes");
}

}  // namespace gantry
