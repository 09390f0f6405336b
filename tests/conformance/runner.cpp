// SPDX-License-Identifier: Apache-2.0
#include "runner.hpp"

#include <fnmatch.h>

#include <exception>
#include <mutex>
#include <optional>

#include "check.hpp"
#include "gantry/log.hpp"
#include "watchdog.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

using Clock = std::chrono::steady_clock;

// What the library logs, kept for the case that fails.
class LogOfCase {
 public:
  LogOfCase() {
    set_log_sink([this](LogLevel, std::string_view text) {
      const std::lock_guard lock(mutex_);
      constexpr std::size_t most = 8192;
      if (text_.size() < most) text_.append("\nlog: ").append(text);
    });
  }
  LogOfCase(const LogOfCase&) = delete;
  LogOfCase& operator=(const LogOfCase&) = delete;
  ~LogOfCase() { set_log_sink({}); }

  std::string take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(text_, {});
  }

 private:
  std::mutex mutex_;
  std::string text_;  // guarded by mutex_
};

std::optional<std::string> reason_to_skip(const Case& what, const Features& features) {
  for (const auto need : what.needs) {
    if (need != nullptr && !(features.*need)) {
      return "the driver has no " + std::string(name_of(need));
    }
  }
  return std::nullopt;
}

// Without the cases that show how a driver refuses what this one does.
std::vector<Selected> applicable(std::vector<Selected> cases, const Features& features) {
  std::erase_if(cases, [&](const Selected& each) {
    return each.what->only_without != nullptr && features.*each.what->only_without;
  });
  return cases;
}

void run_case(const Case& what, const Setup& setup, Result& result) try {
  Lab lab(setup);
  what.run(lab);
} catch (const Inconclusive& reason) {
  result.end = Result::End::skipped;
  result.text = std::string("inconclusive: ") + reason.what();
} catch (const std::exception& error) {
  result.end = Result::End::failed;
  result.text = error.what();
} catch (...) {
  result.end = Result::End::failed;
  result.text = "something was thrown that is no std::exception";
}

}  // namespace

std::string Selected::full_name() const {
  return std::string(theme) + ": " + std::string(what->name);
}

std::vector<Selected> select(const std::string& glob) {
  std::vector<Selected> selected;
  for (const auto& theme : all_themes()) {
    for (const auto& each : theme.cases) {
      const Selected one{theme.name, &each};
      if (glob.empty() || fnmatch(glob.c_str(), one.full_name().c_str(), 0) == 0) {
        selected.push_back(one);
      }
    }
  }
  return selected;
}

std::vector<Result> run(std::vector<Selected> cases, const Setup& setup, const Features& features,
                        Tap& tap, const std::function<void(const std::vector<Result>&)>& hung) {
  std::vector<Result> results;
  Result current;
  const auto limit = setup.scaled(120s);
  const auto end_of_run = [&] {
    current.end = Result::End::failed;
    current.text = "it hangs: no end within " + std::to_string(limit.count() / 1000) + " s";
    tap.add(current);
    results.push_back(current);
    hung(results);
  };
  Watchdog watchdog(limit, end_of_run);
  LogOfCase log;
  const auto planned = applicable(std::move(cases), features);
  tap.plan(planned.size());
  for (const auto& [theme, what] : planned) {
    current = {.theme = theme, .name = what->name};
    const auto began = Clock::now();
    if (auto reason = reason_to_skip(*what, features)) {
      current.end = Result::End::skipped;
      current.text = std::move(*reason);
    } else {
      watchdog.watch();
      run_case(*what, setup, current);
      watchdog.unwatch();
    }
    current.took = Clock::now() - began;
    const auto logged = log.take();
    if (current.end == Result::End::failed) current.text += logged;
    tap.add(current);
    results.push_back(current);
  }
  return results;
}

}  // namespace gantry::conformance
