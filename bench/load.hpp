// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

// What a benchmark program is asked to do: PROGRAM ROLE URL [CALLERS [SECONDS [PAYLOAD]]]
struct Task {
  // "server", "client", "async" (a client with all calls on one thread), "both"; for notifications
  // "notify", "notify_async", "notify_window", "first", "drain"; of a new process "load",
  // "load_library"; on a client library alone "publish", "publish_each"
  std::string role;
  std::string url;
  unsigned callers = 1;       // calls at the same time; of "drain", how many messages there are
  double seconds = 2;         // measured, after the warm-up
  std::size_t payload = 200;  // bytes of application data, each way
};
Task parse(int argc, char** argv);

// What the calls of one caller took. Only those that begin and end within the window count.
class Tally {
 public:
  struct Window {
    Clock::time_point begin, end;
  };
  explicit Tally(const Window& window) : window_(window) {}

  bool over() const { return Clock::now() >= window_.end; }
  void count(Clock::time_point began, Clock::time_point ended);

 private:
  friend class Measurement;

  Window window_;
  std::uint64_t all_calls_ = 0;
  std::vector<std::uint32_t> nanoseconds_{};
};

// What came of a run; the last two, of the whole of it, give the CPU time a call.
struct Figures {
  double calls_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
  std::uint64_t all_calls = 0;
  double cpu_seconds = 0;

  double cpu_us_a_call() const { return cpu_seconds * 1e6 / static_cast<double>(all_calls); }
};

// A run of calls: begins when it is made, with a warm-up that is not counted. Not thread-safe.
class Measurement {
 public:
  explicit Measurement(double seconds);

  Tally tally() const { return Tally(window_); }
  void add(const Tally& tally);

  Figures figures();
  void print();  // the figures under their names, as one JSON object on a line

 private:
  Tally::Window window_;
  double cpu_before_;
  std::uint64_t all_calls_ = 0;
  std::vector<std::uint32_t> nanoseconds_{};
};

// Measures one blocking call after the other on as many threads as the task says. `make_caller`
// runs on its caller's thread and gives what makes one call.
Measurement measure_threads(unsigned callers, double seconds,
                            const std::function<std::function<void()>()>& make_caller);

// The same, and prints the result.
void call_from_threads(const Task& task, const std::function<std::function<void()>()>& make_caller);

// Keeps as many operations under way as the task says, each end beginning the next, and prints the
// result. `begin` starts one and tells the end of it, from any thread, with its error or null; the
// first error is thrown.
using Done = std::function<void(std::exception_ptr)>;
void keep_under_way(const Task& task, std::function<void(Done)> begin);

// The same, with all of them begun by this thread, which waits while as many are under way as the
// task says: a program that publishes, not one that follows up.
void keep_window(const Task& task, const std::function<void(Done)>& begin);

// One stretch of work, which begins when this is made.
class Stretch {
 public:
  Stretch();
  void print(std::uint64_t operations) const;  // as Measurement does, without times; it ends here

 private:
  double cpu_before_;
  Clock::time_point began_;
};

// SIGTERM, turned into something to wait for. To be made before any thread.
class Termination {
 public:
  Termination();

  // Says on stdout that requests are served from now on, and waits.
  void serve_until_it_comes() const;

 private:
  sigset_t signals_;
};

}  // namespace bench
