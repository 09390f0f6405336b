// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/log.hpp"

namespace gantry::test {

// Takes every line that the library logs while it lives, of all levels.
class LogCapture {
 public:
  LogCapture() {
    set_log_level(LogLevel::trace);
    set_log_sink([this](LogLevel level, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_.push_back({level, std::string(text)});
    });
  }
  LogCapture(const LogCapture&) = delete;
  ~LogCapture() {
    set_log_sink({});
    set_log_level(LogLevel::warning);
  }

  // The warnings that hold `part`.
  std::size_t warnings(std::string_view part) {
    std::size_t count = 0;
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines_)
      if (line.level == LogLevel::warning && line.text.find(part) != std::string::npos) ++count;
    return count;
  }
  std::string all() {
    std::string text;
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines_) text += line.text + '\n';
    return text;
  }

 private:
  struct Line {
    LogLevel level;
    std::string text;
  };
  std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace gantry::test
