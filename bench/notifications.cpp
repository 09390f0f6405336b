// SPDX-License-Identifier: Apache-2.0
#include "notifications.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <utility>

namespace bench {

namespace {

constexpr auto kPriority = gantry::Priority::info;
constexpr unsigned kFillWindow = 1000;

gantry::Value payload(const Task& task) {
  return gantry::Object{{"payload", std::string(task.payload, 'x')}};
}

gantry::Notifier notifier(gantry::Transport& bus, const std::string& topic = "bench_gantry") {
  return gantry::Notifier(bus, {.publisher_id = "bench", .topics = {topic}});
}

gantry::Completion<void> told(Done done) {
  return gantry::Completion<void>(
      [done = std::move(done)](const gantry::Outcome<void>& outcome) { done(outcome.error()); });
}

// Returns once the broker has them all.
void fill(const gantry::Notifier& notifier, const Task& task) {
  const auto each = payload(task);
  std::atomic<unsigned> under_way = 0;
  std::exception_ptr failure;  // written before the count falls
  for (unsigned n = 0; n < task.callers; ++n) {
    while (under_way >= kFillWindow) under_way.wait(kFillWindow);
    ++under_way;
    notifier.notify_async(kPriority, "bench", each, {}, told([&](std::exception_ptr error) {
                            if (error) failure = std::move(error);
                            --under_way;
                            under_way.notify_one();
                          }));
  }
  while (const auto left = under_way.load()) under_way.wait(left);
  if (failure) std::rethrow_exception(failure);
}

// Begins with the first notification, and is told when the last was there.
class Drained {
 public:
  explicit Drained(unsigned count) : left_(count), count_(count) {}

  void handle() {
    if (left_ == count_) stretch_.emplace();
    if (--left_ > 0) return;
    stretch_->print(count_);
    end_.set_value();
  }
  void wait() { end_.get_future().wait(); }

 private:
  unsigned left_;
  const unsigned count_;
  std::optional<Stretch> stretch_;
  std::promise<void> end_;
};

}  // namespace

void notify_blocking(gantry::Transport& bus, const Task& task) {
  const auto notifier = bench::notifier(bus);
  const auto each = payload(task);
  call_from_threads(task,
                    [&] { return [&] { notifier.notify_or_throw(kPriority, "bench", each); }; });
}

void notify_async(gantry::Transport& bus, const Task& task) {
  const auto notifier = bench::notifier(bus);
  const auto each = payload(task);
  notifier.notify_or_throw(kPriority, "bench", each);
  keep_under_way(task, [&](Done done) {
    notifier.notify_async(kPriority, "bench", each, {}, told(std::move(done)));
  });
}

void notify_window(gantry::Transport& bus, const Task& task) {
  const auto notifier = bench::notifier(bus);
  const auto each = payload(task);
  notifier.notify_or_throw(kPriority, "bench", each);
  keep_window(task, [&](Done done) {
    notifier.notify_async(kPriority, "bench", each, {}, told(std::move(done)));
  });
}

void notify_first(const Task& task) {
  gantry::DriverManager drivers;
  const auto each = payload(task);
  Measurement measurement(task.seconds);
  Tally tally = measurement.tally();
  while (!tally.over()) {
    gantry::Transport bus = drivers.open(task.url);
    const auto began = Clock::now();
    notifier(bus).notify_or_throw(kPriority, "bench", each);
    tally.count(began, Clock::now());
  }
  measurement.add(tally);
  measurement.print();
}

// One worker, so that it is one thread that counts; with the backlog that a listener has by
// default.
void drain(gantry::Transport& bus, const Task& task) {
  const std::string topic = fmt::format("bench_drain_{}", getpid());
  fill(notifier(bus, topic), task);
  Drained drained(task.callers);
  gantry::NotificationListener listener(bus, {{.topic = topic}}, {.workers = 1, .backlog = 128});
  listener.on(kPriority, [&](const gantry::Notification&) { drained.handle(); });
  listener.start();
  drained.wait();
}

}  // namespace bench
