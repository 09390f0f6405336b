// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

#include "file_descriptor.hpp"

namespace gantry::cli {

// Turns SIGINT and SIGTERM into a call: the first one of the process runs `on_stop`, on a thread of
// this object; another one ends the process at once. Threads made after hold() leave both signals
// to this object.
class StopSignals {
 public:
  // From here on both signals wait until a StopSignals exists. Called before the first thread.
  static void hold();
  static bool received() noexcept;

  explicit StopSignals(std::function<void()> on_stop);
  StopSignals(const StopSignals&) = delete;
  ~StopSignals();

 private:
  void watch();

  const std::function<void()> on_stop_;
  const FileDescriptor signals_;
  const FileDescriptor finished_;
  std::jthread watcher_;
};

}  // namespace gantry::cli
