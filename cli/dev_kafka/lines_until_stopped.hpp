// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "stop_signals.hpp"

namespace gantry::cli {

// The lines of an input, until SIGINT or SIGTERM, which have to be held (stop_signals.hpp).
// [owner]
class LinesUntilStopped {
 public:
  explicit LinesUntilStopped(int input);

  // Waits for a line; nothing once it is stopped. The input's end is waited through.
  std::optional<std::string> next();

 private:
  bool read_more();  // false: stopped
  std::optional<std::string> take_line();

  int input_;  // -1 once it has ended
  std::string read_{};
  const FileDescriptor stopped_;
  const StopSignals signals_;
};

}  // namespace gantry::cli
