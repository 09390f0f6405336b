// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "case.hpp"
#include "check.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/notify/notifier.hpp"
#include "lab.hpp"

// The driver as the notification layer uses it.
namespace gantry::conformance {
namespace {

// What listeners were told, by event type.
class Heard {
 public:
  void add(const Notification& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  std::vector<Notification> all() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::vector<Notification> await(std::size_t count, const Lab& lab) const {
    check(comes_true([&] { return all().size() >= count; }, lab.setup),
          "notifications are missing");
    return all();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Notification> events_;  // guarded by mutex_
};

NotificationEndpoint hearing(Heard& heard) {
  NotificationEndpoint endpoint;
  for (const auto priority : kPriorities) {
    endpoint.on(priority, [&](const Notification& event) { heard.add(event); });
  }
  return endpoint;
}

Notifier notifier(Lab& lab, std::vector<std::string> drivers = {"messagingv2"}) {
  return Notifier(lab.bus.transport(), {.publisher_id = "conformance",
                                        .topics = {lab.topic},
                                        .drivers = std::move(drivers),
                                        .timeout = lab.scaled(std::chrono::seconds(30))});
}

void all_priorities(Lab& lab) {
  Heard heard;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {hearing(heard)});
  listener.start();
  std::map<std::string, std::string> sent;
  for (const auto priority : kPriorities) {
    sent.emplace(notifier(lab).notify_or_throw(priority, "e", nullptr), to_string(priority));
  }
  for (const auto& event : heard.await(kPriorities.size(), lab)) {
    const auto priority = priority_of(event.priority);
    check(priority && sent.at(event.message_id) == to_string(*priority),
          "a notification came with another priority");
  }
}

void in_both_formats(Lab& lab) {
  Heard heard;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {hearing(heard)});
  listener.start();
  const auto id = notifier(lab, {"messaging", "messagingv2"})
                      .notify_or_throw(Priority::info, "e", {{"text", "ü"}}, {{"user_id", "ada"}});
  for (const auto& event : heard.await(2, lab)) {
    check_equal(event.message_id, id, "the message id");
    check_equal(event.payload, Value({{"text", "ü"}}), "the payload");
    check_equal(event.publisher_id, std::string("conformance"), "the publisher");
    check_equal(Value(event.context), Value({{"user_id", "ada"}}), "the context");
  }
}

void pipelined(Lab& lab) {
  constexpr std::size_t kMany = 500;
  Heard heard;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {hearing(heard)});
  listener.start();
  std::atomic<std::size_t> confirmed = 0;
  const auto many = notifier(lab);
  for (const int n : counted(kMany)) {
    many.notify_async(
        Priority::info, std::to_string(n), n, {},
        Completion<void>([&](const Outcome<void>& end) { confirmed += !end.failed(); }));
  }
  check(comes_true([&] { return confirmed == kMany; }, lab.setup), "confirmations are missing");
  std::vector<int> times(kMany);
  for (const auto& event : heard.await(kMany, lab)) ++times.at(std::stoul(event.event_type));
  check_equal(times, std::vector<int>(kMany, 1), "how often each came");
}

void in_order_to_one_worker(Lab& lab) {
  Heard heard;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {hearing(heard)},
                                {.workers = 1});
  listener.start();
  for (const int n : counted(50)) {
    notifier(lab).notify_or_throw(Priority::info, std::to_string(n), n);
  }
  std::vector<int> order;
  for (const auto& event : heard.await(50, lab)) order.push_back(std::stoi(event.event_type));
  check_equal(order, counted(50), "the order");
}

void batches_to_an_endpoint(Lab& lab) {
  for (const int n : counted(10)) notifier(lab).notify_or_throw(Priority::info, "e", n);
  Heard heard;
  std::atomic<std::size_t> largest = 0;
  NotificationListener listener(
      lab.bus.transport(), {lab.at_topic},
      {.batch = {.size = 5, .timeout = lab.scaled(std::chrono::seconds(1))}, .workers = 1});
  listener.on_batch(Priority::info, [&](std::span<const Notification> group) {
    largest = std::max(largest.load(), group.size());
    for (const auto& event : group) heard.add(event);
  });
  listener.start();
  heard.await(10, lab);
  check(largest > 1 && largest <= 5, "batches are not of two to five notifications");
}

void given_back_comes_again(Lab& lab) {
  Heard heard;
  std::atomic<int> refused = 0;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {.allow_requeue = true});
  listener.on(Priority::info, [&](const Notification& event) {
    if (event.event_type == "odd" && refused++ == 0) return NotificationResult::requeue;
    heard.add(event);
    return NotificationResult::handled;
  });
  listener.start();
  notifier(lab).notify_or_throw(Priority::info, "odd", nullptr);
  notifier(lab).notify_or_throw(Priority::info, "even", nullptr);
  heard.await(2, lab);
  listener.stop();
  listener.wait();
  check_equal(refused.load(), 2, "how often it was delivered");
  check_equal(heard.all().size(), std::size_t{2}, "how many were handled");
}

void copies_for_pools(Lab& lab) {
  Heard alone;
  Heard shared;
  auto& bus = lab.bus.transport();
  NotificationListener one(bus, {lab.at_topic}, {hearing(alone)}, {.pool = lab.topic + "_p1"});
  NotificationListener two(bus, {lab.at_topic}, {hearing(shared)}, {.pool = lab.topic + "_p2"});
  NotificationListener three(bus, {lab.at_topic}, {hearing(shared)}, {.pool = lab.topic + "_p2"});
  for (auto* each : {&one, &two, &three}) each->start();
  for (const int n : counted(30)) {
    notifier(lab).notify_or_throw(Priority::info, std::to_string(n), n);
  }
  for (const auto* heard : {&alone, &shared}) {
    std::vector<int> times(30);
    for (const auto& event : heard->await(30, lab)) ++times.at(std::stoul(event.event_type));
    check_equal(times, std::vector<int>(30, 1), "how often each came to the pool");
  }
}

// What the first has taken and not begun goes to the second: nothing is lost, and only what was
// being handled is handled by the first.
void left_to_another_listener(Lab& lab) {
  Heard first_heard;
  Heard second_heard;
  std::promise<void> go_on;
  const auto gone_on = go_on.get_future().share();
  for (const int n : counted(20)) {
    notifier(lab).notify_or_throw(Priority::info, std::to_string(n), n);
  }
  {
    NotificationListener first(lab.bus.transport(), {lab.at_topic},
                               {.workers = 1, .shutdown_timeout = std::chrono::milliseconds(0)});
    first.on(Priority::info, [&](const Notification& event) {
      first_heard.add(event);
      gone_on.wait();
    });
    first.start();
    first_heard.await(1, lab);
    first.stop();
    go_on.set_value();
  }
  NotificationListener second(lab.bus.transport(), {lab.at_topic}, {hearing(second_heard)});
  second.start();
  const auto by_first = first_heard.all().size();
  std::vector<int> times(20);
  for (const auto& event : first_heard.all()) ++times.at(std::stoul(event.event_type));
  for (const auto& event : second_heard.await(20 - by_first, lab)) {
    ++times.at(std::stoul(event.event_type));
  }
  check_equal(times, std::vector<int>(20, 1), "how often each was handled");
}

void unreadable_harms_only_itself(Lab& lab) {
  Heard heard;
  NotificationListener listener(lab.bus.transport(), {lab.at_topic}, {hearing(heard)},
                                {.workers = 1});
  listener.start();
  lab.bus.notify({.topic = lab.info}, {.body = {{"priority", nullptr}, {"event_type", 7}}});
  lab.bus.notify({.topic = lab.info}, {.body = {{"what", "ever"}}}, Envelope::v1);
  notifier(lab).notify_or_throw(Priority::info, "good", nullptr);
  check_equal(heard.await(1, lab).front().event_type, std::string("good"), "the one that is heard");
}

constexpr Case kCases[] = {
    {"NTF_3 NLSN_3 each priority reaches its function", {kNotifications}, all_priorities},
    {"NTF_2 NDRV_1 NDRV_2 a notifier's two formats arrive alike",
     {kNotifications},
     in_both_formats},
    {"NTF_16 500 that are under way at once all arrive, once", {kNotifications}, pipelined},
    {"NTF_13 one worker handles them in the order in which they were sent",
     {kNotifications},
     in_order_to_one_worker},
    {"NLSN_4 NDSP_6 an endpoint gets batches", {kNotifications}, batches_to_an_endpoint},
    {"NLSN_5 NLSN_12 what an endpoint gives back comes again",
     {kNotifications, kRequeue},
     given_back_comes_again},
    {"NLSN_8 each pool handles each notification once", {kNotifications, kPools}, copies_for_pools},
    {"NLSN_8 SRV_22 what a listener that ends has not begun goes to another",
     {kNotifications, kRequeue},
     left_to_another_listener},
    {"NDSP_4 NDSP_9 what cannot be understood harms only itself",
     {kNotifications},
     unreadable_harms_only_itself},
};

}  // namespace

Theme events() { return {"events", kCases}; }

}  // namespace gantry::conformance
