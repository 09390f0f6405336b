// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "gantry/export.hpp"

namespace gantry {

enum class LogLevel { trace, debug, info, warning, error };

using LogSink = std::function<void(LogLevel, std::string_view text)>;

// The library's own log lines. They go to stderr at `warning` and above until the program says
// otherwise. Texts never hold a secret; text taken from a message is escaped and cut before it gets
// here.
GANTRY_API void log(LogLevel level, std::string_view text);  // [any thread]
GANTRY_API bool log_enabled(LogLevel level) noexcept;        // [any thread]

// Lines below `level` are not made. [any thread]
GANTRY_API void set_log_level(LogLevel level) noexcept;

// Replaces where lines go; an empty function restores stderr. The sink may be called by any thread,
// also by several at once, and must not throw. [any thread]
GANTRY_API void set_log_sink(LogSink sink);

// Whether this thread is within a call of the sink: what it does now is about a line of the
// library's own. [any thread]
GANTRY_API bool is_logging() noexcept;

// Text that came from outside, fit for a log line: control characters and what is not UTF-8
// escaped, at most `most` bytes of it.
GANTRY_API std::string printable(std::string_view text, std::size_t most = 200);

}  // namespace gantry
