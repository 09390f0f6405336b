// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/log.hpp"

namespace gantry::test {

// Collects the library's log lines while it lives.
class CapturedLog {
 public:
  CapturedLog() {
    set_log_level(LogLevel::trace);
    set_log_sink([this](LogLevel, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(text);
    });
  }
  CapturedLog(const CapturedLog&) = delete;
  ~CapturedLog() {
    set_log_sink({});
    set_log_level(LogLevel::warning);
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace gantry::test
