// SPDX-License-Identifier: Apache-2.0
#include "trust.hpp"

#include <string>

#include "refusal.hpp"

namespace gantry {
namespace {

namespace fs = std::filesystem;
using Reason = DriverLoadFailure::Reason;

fs::file_status status_of(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::exists(status)) return status;
  throw Refusal{Reason::not_a_library, path.native() + " cannot be examined: " +
                                           (error ? error.message() : "no such file or directory")};
}

void refuse_if_writable_by_everyone(const fs::path& path, const std::string& subject) {
  const auto rights = status_of(path).permissions();
  if ((rights & fs::perms::others_write) == fs::perms::none) return;
  throw Refusal{Reason::untrusted,
                subject + " is writable by everyone; run: chmod o-w " + path.native()};
}

std::string kind(const fs::file_status& status) {
  return fs::is_directory(status) ? "a directory" : "not a regular file";
}

}  // namespace

fs::path trusted_file(const fs::path& file) {
  std::error_code error;
  const auto resolved = fs::canonical(file, error);  // it can be followed: the walk below ends
  if (error) {
    throw Refusal{Reason::not_a_library, "it cannot be followed to a file: " + error.message()};
  }
  fs::path hop = file;
  while (true) {
    refuse_if_writable_by_everyone(hop.parent_path(),
                                   "its directory " + hop.parent_path().native());
    if (!fs::is_symlink(hop, error)) break;
    hop = hop.parent_path() / fs::read_symlink(hop);
  }
  const auto status = status_of(resolved);
  if (!fs::is_regular_file(status)) {
    throw Refusal{Reason::not_a_library, "it is " + kind(status)};
  }
  refuse_if_writable_by_everyone(resolved, "the file");
  return resolved;
}

}  // namespace gantry
