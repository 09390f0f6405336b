// SPDX-License-Identifier: Apache-2.0
#include "background_record.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "errors.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("'{}' {}", path.string(), why));
}

std::string last_error() { return std::generic_category().message(errno); }

fs::path directory() {
  const char* runtime = ::secure_getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/') return fs::path(runtime) / "gantry";
  return fs::temp_directory_path() / fmt::format("gantry-{}", ::geteuid());
}

// Nobody else may put a file of his where ours is looked for.
void require_private(int opened, const fs::path& path) {
  struct stat found {};
  if (::fstat(opened, &found) != 0) refuse(path, "cannot be examined: " + last_error());
  if (found.st_uid != ::geteuid()) refuse(path, "belongs to another user; remove it");
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    refuse(path, "is writable by others (chmod go-w)");
  }
}

int open_file() {
  const fs::path path = directory();
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    refuse(path, fmt::format("cannot be made ({}); set XDG_RUNTIME_DIR to a directory of yours",
                             last_error()));
  }
  const FileDescriptor parent(::open(path.c_str(), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                              path.c_str());
  require_private(parent.get(), path);
  return ::openat(parent.get(), "dev-kafka", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);
}

// Of the whole file. Unlike other locks these go on in a process that inherits the descriptor.
struct flock exclusive() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

BackgroundRecord::BackgroundRecord() : file_(open_file(), "open dev-kafka") {
  require_private(file_.get(), directory() / "dev-kafka");
}

bool BackgroundRecord::is_held() const {
  struct flock lock = exclusive();
  return ::fcntl(file_.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool BackgroundRecord::hold() {
  struct flock lock = exclusive();
  if (::fcntl(file_.get(), F_OFD_SETLK, &lock) != 0) return false;
  // What stands there is of one that has ended.
  return ::ftruncate(file_.get(), 0) == 0;
}

void BackgroundRecord::write(const Entry& entry) {
  const std::string text = fmt::format("{} {}\n", entry.pid, entry.url);
  if (::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    refuse(directory() / "dev-kafka", "cannot be written: " + last_error());
  }
}

std::optional<BackgroundRecord::Entry> BackgroundRecord::read() const {
  std::array<char, 4096> text{};
  const auto size = ::pread(file_.get(), text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  std::istringstream in(std::string(text.data(), static_cast<std::size_t>(size)));
  Entry entry;
  if (!(in >> entry.pid) || entry.pid <= 0) return std::nullopt;
  in >> entry.url;
  return entry;
}

}  // namespace gantry::cli
