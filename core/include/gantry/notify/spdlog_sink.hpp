// SPDX-License-Identifier: Apache-2.0
#pragma once

// For programs that log with spdlog: their log records become notifications (semantics HOOK-1…4).
// Neither gantry.hpp nor the library needs spdlog; whoever includes this header links it.
#include <errno.h>  // program_invocation_short_name
#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/log.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/value.hpp"

namespace gantry {
namespace detail {

// One record on its way to the notifier. What this thread logs meanwhile is left out, and so is
// what the library itself logs, where set_log_sink leads its lines to spdlog: a notification about
// a notification would never end, and a driver's thread would wait for itself.
class RecordUnderWay {
 public:
  RecordUnderWay() : is_first_(!std::exchange(busy(), true)) {}
  RecordUnderWay(const RecordUnderWay&) = delete;
  RecordUnderWay& operator=(const RecordUnderWay&) = delete;
  ~RecordUnderWay() {
    if (is_first_) busy() = false;
  }
  bool counts() const { return is_first_ && !is_logging(); }

 private:
  static bool& busy() {
    thread_local bool busy = false;
    return busy;
  }
  bool is_first_;
};

// Names and numbers are Python's, whose consumers know them.
struct PythonLevel {
  Priority priority;
  std::string_view name;
  int number;
};

inline std::optional<PythonLevel> level_of(const spdlog::details::log_msg& record) {
  switch (record.level) {
    case spdlog::level::debug:
      return PythonLevel{Priority::debug, "DEBUG", 10};
    case spdlog::level::info:
      return PythonLevel{Priority::info, "INFO", 20};
    case spdlog::level::warn:
      return PythonLevel{Priority::warn, "WARNING", 30};
    case spdlog::level::err:
      return PythonLevel{Priority::error, "ERROR", 40};
    case spdlog::level::critical:
      return PythonLevel{Priority::critical, "CRITICAL", 50};
    default:
      return std::nullopt;
  }
}

inline std::string text_of(const spdlog::string_view_t& text) { return {text.data(), text.size()}; }

inline Value text_or_null(const char* text) { return text != nullptr ? Value(text) : Value(); }

inline Object payload_of(const spdlog::details::log_msg& record, const PythonLevel& level) {
  const auto& source = record.source;
  return {{"name", text_of(record.logger_name)},
          {"levelno", level.number},
          {"levelname", level.name},
          {"exc_info", nullptr},
          {"pathname", text_or_null(source.filename)},
          {"lineno", source.line},
          {"msg", text_of(record.payload)},
          {"funcName", text_or_null(source.funcname)},
          {"thread", record.thread_id},
          {"processName", program_invocation_short_name},
          {"process", ::getpid()},
          {"extra", nullptr}};
}

}  // namespace detail

// Tells each record as an event `logrecord` of its level's priority; trace has none and is left
// out. The payload has the fields of Python's log records, so a pattern means nothing here.
//
// Logging then takes as long as the notifier does, for a broker until it has the message: give the
// notifier a timeout, or the logger a thread (spdlog::async_logger; then do not lead the library's
// own lines to it). It holds no lock meanwhile. [any thread]
//
//   gantry::Notifier notifier(bus, {.publisher_id = "calc.node-1", .timeout = 5s});
//   spdlog::default_logger()->sinks().push_back(
//       std::make_shared<gantry::NotificationSink>(notifier));
class NotificationSink final : public spdlog::sinks::sink {
 public:
  explicit NotificationSink(Notifier notifier) : notifier_(std::move(notifier)) {}

  void log(const spdlog::details::log_msg& record) override {
    const auto level = detail::level_of(record);
    if (!level) return;
    const detail::RecordUnderWay turn;
    if (turn.counts()) {
      notifier_.notify(level->priority, "logrecord", detail::payload_of(record, *level));
    }
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const Notifier notifier_;
};

// Tells errors as events `error_notification` of the publisher `error.publisher`, with the text in
// `error` (HOOK-4). Takes records from spdlog's level err on; set_level changes that. Otherwise as
// a NotificationSink.
class ErrorNotificationSink final : public spdlog::sinks::sink {
 public:
  // Where `log` is among the drivers the sink does nothing, since it would feed itself. Throws as
  // the notifier does; the transport outlives the sink.
  explicit ErrorNotificationSink(Transport& transport, NotifierOptions options = {}) {
    set_level(spdlog::level::err);
    if (std::ranges::find(options.drivers, "log") != options.drivers.end()) return;
    options.publisher_id = "error.publisher";
    notifier_.emplace(transport, std::move(options));
  }

  void log(const spdlog::details::log_msg& record) override {
    const detail::RecordUnderWay turn;
    if (notifier_ && turn.counts()) {
      notifier_->error("error_notification", {{"error", detail::text_of(record.payload)}});
    }
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  std::optional<Notifier> notifier_{};
};

}  // namespace gantry
