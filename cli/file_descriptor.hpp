// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gantry::cli {

// Owns a descriptor; throws std::system_error when the call that made it failed.
class FileDescriptor {
 public:
  FileDescriptor(int fd, const char* made_by) : fd_(fd) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), made_by);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { ::close(fd_); }

  int get() const noexcept { return fd_; }

 private:
  const int fd_;
};

}  // namespace gantry::cli
