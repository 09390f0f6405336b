// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "file_descriptor.hpp"

namespace gantry::cli {

// What `gantry dev kafka --background` has left running, in a file that only this user can write:
// $XDG_RUNTIME_DIR/gantry/dev-kafka, or gantry-UID/dev-kafka among the temporary files. The process
// holds the file locked for as long as it lives, so an old file or a number that belongs to another
// process by now misleads nobody. [owner]
class BackgroundRecord {
 public:
  struct Entry {
    pid_t pid = 0;
    std::string url{};  // empty while it starts
    bool operator==(const Entry&) const = default;
  };

  // Opens the file, or makes it. Throws CommandError (failed) where it would not be private.
  BackgroundRecord();

  // Whether a process holds it.
  bool is_held() const;
  // Holds it for this process and for those that inherit descriptor(); false: another one does.
  bool hold();
  int descriptor() const noexcept { return file_.get(); }

  void write(const Entry& entry);
  // Nothing where none was written.
  std::optional<Entry> read() const;

 private:
  const FileDescriptor file_;
};

}  // namespace gantry::cli
