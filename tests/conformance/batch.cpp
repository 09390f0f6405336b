// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <future>
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

using Clock = Deadline::Clock;

void cast_all(Lab& lab, std::size_t count) {
  for (const int n : counted(count)) lab.bus.cast(lab.server("a"), n);
}

void check_sizes(Subscriber& node, std::size_t most) {
  for (const auto size : node.batch_sizes()) {
    check(size >= 1 && size <= most, "a batch of " + std::to_string(size));
  }
}

void one_by_one(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  cast_all(lab, 10);
  node.start().await(10);
  check_sizes(node, 1);
}

void empty_batch_is_refused(Lab& lab) {
  check_throws<InvalidArgument>([&] { lab.bus.serve(lab.server("a"), {.size = 0}); },
                                "a server with batches of 0");
}

void empty_batch_of_notifications_is_refused(Lab& lab) {
  check_throws<InvalidArgument>([&] { lab.bus.listen(lab.infos(), {}, {.size = 0}); },
                                "a listener with batches of 0");
}

void negative_timeout_is_refused(Lab& lab) {
  check_throws<InvalidArgument>(
      [&] { lab.bus.serve(lab.server("a"), {.size = 2, .timeout = -1ms}); },
      "a server with a negative batch timeout");
}

void full_batches_do_not_wait(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"), {.size = 5, .timeout = 1h});
  cast_all(lab, 10);
  node.start().await(10);
  check(node.batch_sizes() == std::vector<std::size_t>{5, 5}, "10 messages are not 2 batches of 5");
}

void without_a_timeout(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"), {.size = 5});
  cast_all(lab, 10);
  node.start().await(10);
  check(node.batch_sizes() == std::vector<std::size_t>{5, 5}, "10 messages are not 2 batches of 5");
}

void rest_comes_at_the_end_of_the_window(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"), {.size = 5, .timeout = lab.scaled(200ms)});
  cast_all(lab, 12);
  check_equal(node.start().take_numbers(12), counted(12), "12 messages in batches of 5");
  check_sizes(node, 5);
}

void window_opens_at_the_first_message(Lab& lab) {
  const auto window = lab.scaled(300ms);
  std::promise<Clock::time_point> first_batch;
  std::atomic<bool> told = false;
  auto listener = lab.bus.transport().listen(lab.server("a"), {.size = 10, .timeout = window},
                                             lab.setup.patience());
  listener->start([&](const Batch&) {
    if (!told.exchange(true)) first_batch.set_value(Clock::now());
  });
  std::this_thread::sleep_for(window);  // idle for longer than a window that began at the start
  const auto sent = Clock::now();
  cast_all(lab, 3);
  auto handed_over = first_batch.get_future();
  check(handed_over.wait_for(lab.scaled(30s)) == std::future_status::ready, "no batch came");
  check(handed_over.get() - sent >= window, "the batch did not wait for its window");
}

void timeout_of_zero(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"), {.size = 10, .timeout = 0ms});
  cast_all(lab, 4);
  check_equal(node.start().take_numbers(4), counted(4), "what is there, at once");
  check_sizes(node, 10);
}

void stop_ends_a_batch(Lab& lab) {
  const BatchOptions batch{.size = 3, .timeout = 1h};
  auto node = lab.bus.serve(lab.server("a"), batch);
  cast_all(lab, 4);
  auto numbers = node.start().take_numbers(3);
  node.stop();
  for (const int n : node.rest()) numbers.push_back(n);
  if (numbers.size() == 3) {  // the backend still had it
    auto next = lab.bus.serve(lab.server("a"));
    numbers.push_back(next.start().take_number());
  }
  check_equal(numbers, counted(4), "the batch before the stop, and what was left");
}

void idle_listener_hands_over_nothing(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"), {.size = 5, .timeout = 1ms});
  node.start();
  std::this_thread::sleep_for(50ms);
  node.stop();
  check_equal(node.batch_sizes().size(), std::size_t{0}, "calls of an idle listener's function");
}

void notifications_in_batches(Lab& lab) {
  for (const int n : counted(10)) lab.bus.notify(lab.info, n);
  auto listener = lab.bus.listen(lab.infos(), {}, {.size = 5, .timeout = 1h});
  check_equal(listener.start().take_numbers(10), counted(10), "10 notifications in batches of 5");
  check(listener.batch_sizes() == std::vector<std::size_t>{5, 5}, "they are not 2 batches of 5");
}

constexpr Case kCases[] = {
    {"BATCH_1 RPCS_2 messages come one by one unless asked otherwise", {kRpc}, one_by_one},
    {"BATCH_8 a server with batches of 0 is refused", {kRpc}, empty_batch_is_refused},
    {"BATCH_8 a listener with batches of 0 is refused",
     {kNotifications},
     empty_batch_of_notifications_is_refused},
    {"BATCH_12 a negative batch timeout is refused", {kRpc}, negative_timeout_is_refused},
    {"BATCH_2 full batches do not wait", {kRpc}, full_batches_do_not_wait},
    {"BATCH_7 batches without a timeout are full", {kRpc}, without_a_timeout},
    {"BATCH_4 BATCH_10 the rest comes at the end of the window, in order",
     {kRpc},
     rest_comes_at_the_end_of_the_window},
    {"BATCH_3 the window opens at the first message", {kRpc}, window_opens_at_the_first_message},
    {"BATCH_6 a timeout of zero takes what is there", {kRpc}, timeout_of_zero},
    {"BATCH_9 LSN_14 nothing of a batch is lost at a stop", {kRpc}, stop_ends_a_batch},
    {"LSN_6 an idle listener hands over no empty batch", {kRpc}, idle_listener_hands_over_nothing},
    {"BATCH_2 DRV_17 notifications come in full batches",
     {kNotifications},
     notifications_in_batches},
};

}  // namespace

Theme batch() { return {"batch", kCases}; }

}  // namespace gantry::conformance
