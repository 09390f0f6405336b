// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>

#include "dev_program.hpp"
#include "exit_code.hpp"
#include "file_descriptor.hpp"
#include "gantry/deadline.hpp"

namespace gantry::cli {

// A program that is started and will outlive this process. It has no input, this process's standard
// error, and of the other descriptors only `kept`, as its number 3. [owner]
class BackgroundStart {
 public:
  // Throws std::system_error when it cannot be started.
  BackgroundStart(DevProgram& program, int kept);

  pid_t pid() const noexcept { return pid_; }

  // All it prints until it closes its output, or ends; nothing when that takes too long.
  std::optional<std::string> output(Deadline deadline) const;
  // Of one that has closed its output without a word: what it ends with.
  ExitCode exit_code() const;
  void kill() const;

 private:
  BackgroundStart(DevProgram& program, int kept, std::array<int, 2> pipe);

  const FileDescriptor output_;
  pid_t pid_ = 0;
};

}  // namespace gantry::cli
