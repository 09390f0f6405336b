// SPDX-License-Identifier: Apache-2.0
#include "file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "refusal.hpp"

namespace gantry {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw Refusal{DriverLoadFailure::Reason::not_a_library, text};
}

}  // namespace

// O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait for a writer.
FileBytes::FileBytes(const std::filesystem::path& file)
    : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ < 0) refuse("it cannot be read: " + std::generic_category().message(errno));
  struct stat status {};
  if (::fstat(fd_, &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
}

FileBytes::~FileBytes() { ::close(fd_); }

void FileBytes::require(bool inside, std::string_view what) {
  if (!inside)
    refuse("it is truncated or damaged: " + std::string(what) + " lies outside the file");
}

void FileBytes::fill(void* to, std::size_t length, std::uint64_t offset,
                     std::string_view what) const {
  auto* at = static_cast<char*>(to);
  while (length > 0) {
    const auto got = ::pread(fd_, at, length, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse("it cannot be read: " + std::generic_category().message(errno));
    require(got > 0, what);  // it has shrunk since it was opened
    at += got;
    offset += static_cast<std::uint64_t>(got);
    length -= static_cast<std::size_t>(got);
  }
}

}  // namespace gantry
