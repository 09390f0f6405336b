// SPDX-License-Identifier: Apache-2.0
#include "load.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <barrier>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace bench {

namespace {

constexpr auto warm_up = std::chrono::milliseconds(300);

double as_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// What this process has used so far.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return as_seconds(usage.ru_utime) + as_seconds(usage.ru_stime);
}

double percentile_us(const std::vector<std::uint32_t>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(last * share)] * 1e-3;
}

}  // namespace

Task parse(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  if (given.size() < 2) {
    throw std::invalid_argument("usage: ROLE URL [CALLERS [SECONDS [PAYLOAD]]]");
  }
  Task task{.role = given[0], .url = given[1]};
  if (given.size() > 2) task.callers = static_cast<unsigned>(std::stoul(given[2]));
  if (given.size() > 3) task.seconds = std::stod(given[3]);
  if (given.size() > 4) task.payload = std::stoul(given[4]);
  return task;
}

void Tally::count(Clock::time_point began, Clock::time_point ended) {
  ++all_calls_;
  if (began < window_.begin || ended > window_.end) return;
  const auto taken = std::chrono::duration_cast<std::chrono::nanoseconds>(ended - began).count();
  nanoseconds_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(taken, UINT32_MAX)));
}

Measurement::Measurement(double seconds) : cpu_before_(cpu_seconds()) {
  window_.begin = Clock::now() + warm_up;
  const std::chrono::duration<double> length(seconds);
  window_.end = window_.begin + std::chrono::duration_cast<Clock::duration>(length);
}

void Measurement::add(const Tally& tally) {
  all_calls_ += tally.all_calls_;
  nanoseconds_.insert(nanoseconds_.end(), tally.nanoseconds_.begin(), tally.nanoseconds_.end());
}

Figures Measurement::figures() {
  if (nanoseconds_.empty()) throw std::runtime_error("no call ended within the measured time");
  std::sort(nanoseconds_.begin(), nanoseconds_.end());
  const double seconds = std::chrono::duration<double>(window_.end - window_.begin).count();
  return {.calls_per_second = static_cast<double>(nanoseconds_.size()) / seconds,
          .p50_us = percentile_us(nanoseconds_, 0.5),
          .p99_us = percentile_us(nanoseconds_, 0.99),
          .max_us = percentile_us(nanoseconds_, 1),
          .all_calls = all_calls_,
          .cpu_seconds = cpu_seconds() - cpu_before_};
}

void Measurement::print() {
  const auto f = figures();
  fmt::print(R"({{"calls_per_second": {:.1f}, "p50_us": {:.3f}, "p99_us": {:.3f}, )"
             R"("max_us": {:.3f}, "all_calls": {}, "cpu_seconds": {:.4f}}})"
             "\n",
             f.calls_per_second, f.p50_us, f.p99_us, f.max_us, f.all_calls, f.cpu_seconds);
}

Measurement measure_threads(unsigned callers, double seconds,
                            const std::function<std::function<void()>()>& make_caller) {
  std::optional<Measurement> measurement;
  std::barrier start(callers, [&]() noexcept { measurement.emplace(seconds); });
  std::mutex mutex;
  std::vector<std::jthread> threads;
  for (unsigned n = 0; n < callers; ++n) {
    threads.emplace_back([&] {
      const auto call = make_caller();
      call();  // what the first call sets up is no part of the measurement
      start.arrive_and_wait();
      Tally tally = measurement->tally();
      while (!tally.over()) {
        const auto began = Clock::now();
        call();
        tally.count(began, Clock::now());
      }
      const std::lock_guard lock(mutex);
      measurement->add(tally);
    });
  }
  threads.clear();
  return std::move(*measurement);
}

void call_from_threads(const Task& task,
                       const std::function<std::function<void()>()>& make_caller) {
  measure_threads(task.callers, task.seconds, make_caller).print();
}

namespace {

class UnderWay {
 public:
  UnderWay(const Task& task, std::function<void(Done)> begin)
      : begin_(std::move(begin)),
        running_(task.callers),
        measurement_(task.seconds),
        tally_(measurement_.tally()) {
    for (unsigned n = 0; n < task.callers; ++n) begin_one();
  }

  void wait_and_print() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == 0; });
    if (error_) std::rethrow_exception(error_);
    measurement_.add(tally_);
    measurement_.print();
  }

 private:
  void begin_one() {
    begin_([this, began = Clock::now()](std::exception_ptr error) {
      if (ended(began, std::move(error))) begin_one();
    });
  }

  // Whether to go on.
  bool ended(Clock::time_point began, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    tally_.count(began, Clock::now());
    if (error) error_ = std::move(error);
    if (!error_ && !tally_.over()) return true;
    --running_;
    changed_.notify_all();
    return false;
  }

  const std::function<void(Done)> begin_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned running_;  // guarded by mutex_, as the rest
  std::exception_ptr error_;
  Measurement measurement_;
  Tally tally_;
};

}  // namespace

void keep_under_way(const Task& task, std::function<void(Done)> begin) {
  UnderWay(task, std::move(begin)).wait_and_print();
}

namespace {

class PublishingWindow {
 public:
  PublishingWindow(const Task& task, const std::function<void(Done)>& begin)
      : begin_(begin),
        most_(task.callers),
        measurement_(task.seconds),
        tally_(measurement_.tally()) {}

  void run() {
    while (await_room()) {
      begin_([this, began = Clock::now()](std::exception_ptr error) {
        ended(began, std::move(error));
      });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_ == 0; });
    if (error_) std::rethrow_exception(error_);
    measurement_.add(tally_);
    measurement_.print();
  }

 private:
  // Whether to go on. Once it is full, half of it goes first, so that the two threads do not wake
  // each other for each.
  bool await_room() {
    std::unique_lock lock(mutex_);
    if (under_way_ >= most_) changed_.wait(lock, [&] { return under_way_ <= most_ / 2; });
    ++under_way_;
    if (!error_ && !tally_.over()) return true;
    --under_way_;
    return false;
  }

  void ended(Clock::time_point began, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    tally_.count(began, Clock::now());
    if (error) error_ = std::move(error);
    --under_way_;
    if (under_way_ == most_ / 2 || under_way_ == 0) changed_.notify_all();
  }

  const std::function<void(Done)>& begin_;
  const unsigned most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned under_way_ = 0;  // guarded by mutex_, as the rest
  std::exception_ptr error_;
  Measurement measurement_;
  Tally tally_;
};

}  // namespace

void keep_window(const Task& task, const std::function<void(Done)>& begin) {
  PublishingWindow(task, begin).run();
}

Stretch::Stretch() : cpu_before_(cpu_seconds()), began_(Clock::now()) {}

void Stretch::print(std::uint64_t operations) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  const auto count = static_cast<double>(operations);
  fmt::print(R"({{"calls_per_second": {:.1f}, "mean_us": {:.3f}, "all_calls": {}, )"
             R"("cpu_seconds": {:.4f}}})"
             "\n",
             count / seconds, seconds * 1e6 / count, operations, cpu_seconds() - cpu_before_);
}

Termination::Termination() : signals_{} {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void Termination::serve_until_it_comes() const {
  fmt::print("ready\n");
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals_, &received);
}

}  // namespace bench
