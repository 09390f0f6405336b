// SPDX-License-Identifier: Apache-2.0
#include "gantry/log.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

#include "utf8.hpp"

namespace gantry {
namespace {

constinit std::atomic<LogLevel> lowest{LogLevel::warning};
constinit thread_local int calls_of_the_sink = 0;  // that this thread is within

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "log";
}

void write_to_stderr(LogLevel level, std::string_view text) {
  std::fprintf(stderr, "gantry: %s: %.*s\n", name_of(level), static_cast<int>(text.size()),
               text.data());
}

// Shared, because a line under way keeps the sink it started with while another thread replaces it.
struct Sink {
  std::mutex mutex;
  std::shared_ptr<const LogSink> current = std::make_shared<const LogSink>(write_to_stderr);
};

Sink& sink() {
  static Sink* const leaked = new Sink;  // lines may be logged while statics are destroyed
  return *leaked;
}

// Those of ASCII, and the second set at 0x80, which terminals obey as well.
bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

void escape(std::string_view bytes, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex[byte >> 4U];
    out += hex[byte & 0xfU];
  }
}

}  // namespace

bool log_enabled(LogLevel level) noexcept {
  return level >= lowest.load(std::memory_order_relaxed);
}

void set_log_level(LogLevel level) noexcept { lowest.store(level, std::memory_order_relaxed); }

void set_log_sink(LogSink next) {
  auto replacement = std::make_shared<const LogSink>(next ? std::move(next) : write_to_stderr);
  const std::lock_guard lock(sink().mutex);
  sink().current = std::move(replacement);
}

void log(LogLevel level, std::string_view text) {
  if (!log_enabled(level)) return;
  std::shared_ptr<const LogSink> current;
  {
    const std::lock_guard lock(sink().mutex);
    current = sink().current;
  }
  ++calls_of_the_sink;
  (*current)(level, text);  // does not throw
  --calls_of_the_sink;
}

bool is_logging() noexcept { return calls_of_the_sink > 0; }

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t taken = 0; taken < text.size();) {
    const std::string_view rest = text.substr(taken);
    const Utf8Character character = first_character(rest);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (taken + bytes > most) return out + "…";
    if (character.bytes != 0 && !is_control(character.code)) {
      out += rest.substr(0, bytes);
    } else {
      escape(rest.substr(0, bytes), out);
    }
    taken += bytes;
  }
  return out;
}

}  // namespace gantry
