// SPDX-License-Identifier: Apache-2.0
#include "watchdog.hpp"

#include <utility>

namespace gantry::conformance {

Watchdog::Watchdog(std::chrono::milliseconds limit, std::function<void()> hung)
    : limit_(limit),
      hung_(std::move(hung)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Watchdog::watch() {
  const std::lock_guard lock(mutex_);
  due_ = Deadline::after(limit_);
  changed_.notify_all();
}

void Watchdog::unwatch() {
  const std::lock_guard lock(mutex_);
  due_ = never;
  changed_.notify_all();
}

void Watchdog::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto due = due_;
    const auto changed = [&] { return due_ != due; };
    if (due.is_never()) {
      changed_.wait(lock, stop, changed);
    } else if (!changed_.wait_until(lock, stop, due.at(), changed) && !stop.stop_requested()) {
      hung_();
      due_ = never;
    }
  }
}

}  // namespace gantry::conformance
