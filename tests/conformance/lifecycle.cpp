// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

void subscribed_before_the_start(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  lab.bus.cast(lab.server("a"), 1);
  check_equal(node.start().take_number(), 1, "what was sent before the start");
}

void message_waits_for_its_server(Lab& lab) {
  { auto node = lab.bus.serve(lab.server("a")); }
  lab.bus.cast(lab.server("a"), 1);
  auto again = lab.bus.serve(lab.server("a"));
  check_equal(again.start().take_number(), 1, "what was sent while the server was away");
}

void sent_after_stop(Lab& lab) {
  auto stopped = lab.bus.serve(lab.server("a"));
  stopped.start();
  stopped.stop();
  lab.bus.cast(lab.server("a"), 1);
  auto next = lab.bus.serve(lab.server("a"));
  check_equal(next.start().take_number(), 1, "what was sent after the stop");
  check_equal(stopped.received(), std::size_t{0}, "what the stopped listener handed over");
}

// What the first listener has taken it hands over, the rest is for the second.
void stop_loses_nothing(Lab& lab) {
  constexpr std::size_t all = 200;
  auto first = lab.bus.serve(lab.server("a"));
  first.start();
  auto sending = std::async(std::launch::async, [&] {
    for (const int n : counted(all)) lab.bus.cast(lab.server("a"), n);
  });
  first.await(1);
  first.stop();
  sending.get();
  auto numbers = first.rest();
  auto second = lab.bus.serve(lab.server("a"));
  second.start();
  for (const int n : second.take_numbers(all - numbers.size())) numbers.push_back(n);
  std::sort(numbers.begin(), numbers.end());
  check_equal(numbers, counted(all), "what the two listeners have handed over");
}

void nothing_follows_a_stop(Lab& lab) {
  for (int round = 0; round < 20; ++round) {
    const auto target = Target{.topic = fresh_name(), .server = "a"};
    std::atomic<bool> stopped = false;
    std::atomic<bool> broken = false;
    auto node = lab.bus.serve(target);
    node.start([&](IncomingMessage&) {
      if (stopped) broken = true;
    });
    auto sending = std::async(std::launch::async, [&] {
      for (const int n : counted(10)) lab.bus.cast(target, n);
    });
    node.stop();
    stopped = true;
    sending.get();
    check(!broken, "a message was handed over after stop had returned");
  }
}

void stop_waits_for_the_callback(Lab& lab) {
  std::promise<void> entered;
  std::promise<void> leave;
  auto left = leave.get_future();
  std::atomic<bool> handled = false;
  auto node = lab.bus.serve(lab.server("a"));
  node.start([&](IncomingMessage&) {
    entered.set_value();
    left.wait_for(lab.scaled(10s));
    handled = true;
  });
  lab.bus.cast(lab.at_topic, 1);
  check(entered.get_future().wait_for(lab.scaled(20s)) == std::future_status::ready,
        "the cast did not come");
  auto waited = std::async(std::launch::async, [&] {
    node.stop();
    return handled.load();
  });
  waited.wait_for(50ms);  // time for a stop that does not wait
  leave.set_value();
  check(waited.get(), "stop returned before the listener's function had");
}

void stop_from_the_callback(Lab& lab) {
  auto listener = lab.bus.transport().listen(lab.server("a"), {}, lab.setup.patience());
  std::promise<void> returned;
  std::atomic<bool> told = false;
  listener->start([&](const Batch&) {
    listener->stop();
    if (!told.exchange(true)) returned.set_value();
  });
  lab.bus.cast(lab.at_topic, 1);
  const bool in_time = returned.get_future().wait_for(lab.scaled(20s)) == std::future_status::ready;
  listener.reset();
  check(in_time, "stop did not return from within the listener's function");
}

// The batch alone: what comes later is handed over.
void function_throws(Lab& lab) {
  auto listener = lab.bus.transport().listen(lab.server("a"), {}, lab.setup.patience());
  listener->start([thrown = std::set<int>()](const Batch& batch) mutable {
    const int n = number_of(batch.front()->message());
    const bool throws = thrown.insert(n).second;
    if (throws && n == 0) throw std::runtime_error("of the function");
    if (throws && n == 1) throw 1;
    batch.front()->reply("answered");
  });
  for (const int n : counted(2)) lab.bus.cast(lab.at_topic, n);
  check_equal(lab.bus.call(lab.at_topic, request(2)), "answered", "the answer to what came later");
}

void stop_twice_and_without_a_start(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.stop();
  node.stop();
  auto other = lab.bus.serve(lab.server("b"));
  other.start();
  other.stop();
  other.stop();
  other.listener().pause();
  other.listener().resume();
}

void paused_listener_stops(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  node.listener().pause();
  for (const int n : counted(3)) lab.bus.cast(lab.server("a"), n);
  node.stop();
  auto numbers = node.rest();
  auto next = lab.bus.serve(lab.server("a"));
  next.start();
  for (const int n : next.take_numbers(3 - numbers.size())) numbers.push_back(n);
  check_equal(numbers, counted(3), "before and after the stop of a paused listener");
}

void server_comes_back(Lab& lab) {
  for (const int n : counted(5)) {
    auto node = lab.bus.serve(lab.server("a"));
    node.answer();
    check_equal(lab.bus.call(lab.server("a"), request(n)), Value{{"n", n}}, "the answer");
  }
}

void closing_ends_calls(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  std::optional<Bus> client;
  client.emplace(lab.setup);
  auto call = client->start_call(lab.at_topic, request(1), {});
  const auto received = node.take();
  client.reset();
  check_throws<TransportClosed>([&] { result_of(call, lab.setup); }, "a call during the close");
  received->reply("nobody waits");
  lab.bus.cast(lab.at_topic, 2);
  check_equal(node.take_number(), 2, "what comes after the reply to nobody");
}

void closed_transport_refuses(Lab& lab) {
  Bus closed(lab.setup);
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  closed.call(lab.at_topic, request(1));
  closed.transport().close();
  closed.transport().close();
  check_throws<TransportClosed>([&] { closed.cast(lab.at_topic, 1); }, "a cast");
  check_throws<TransportClosed>([&] { closed.call(lab.at_topic, request(1)); }, "a call");
  check_throws<TransportClosed>([&] { closed.serve(lab.server("b")); }, "a listen");
}

void closing_leaves_others_alone(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  for (const int n : counted(3)) {
    Bus passing(lab.setup);
    check_equal(passing.call(lab.at_topic, request(n)), Value{{"n", n}}, "the answer");
  }
  check_equal(lab.bus.call(lab.at_topic, request(3)), {{"n", 3}}, "the answer");
}

void unused_transport_closes(Lab& lab) {
  Bus unused(lab.setup);
  unused.transport().close();
}

void many_listeners(Lab& lab) {
  std::vector<std::unique_ptr<Subscriber>> nodes;
  for (int i = 0; i < 10; ++i) {
    auto listener =
        lab.bus.transport().listen(lab.server("s" + std::to_string(i)), {}, lab.setup.patience());
    nodes.push_back(std::make_unique<Subscriber>(std::move(listener), lab.scaled(30s)));
    nodes.back()->answer();
  }
  for (int i = 0; i < 10; ++i) {
    check_equal(lab.bus.call(lab.server("s" + std::to_string(i)), request(i)), Value{{"n", i}},
                "the answer of one of ten servers");
  }
}

void request_outlives_its_listener(Lab& lab) {
  TakenCall call;
  {
    auto node = lab.bus.serve(lab.server("a"));
    node.start();
    call = taken_call(lab, node, 1s);
  }
  call.request->reply("perhaps");
  call.request.reset();
  try {
    check_equal(result_of(call.ended, lab.setup), "perhaps", "the answer");
  } catch (const MessagingTimeout&) {
    // The listener was gone: that it is answered all the same is not promised.
  }
}

constexpr Case kCases[] = {
    {"FAKE_4 a listener is subscribed before it starts", {kRpc}, subscribed_before_the_start},
    {"LSN_4 a message waits for its server to come back", {kRpc}, message_waits_for_its_server},
    {"LSN_4 what comes after the stop is for the next listener", {kRpc}, sent_after_stop},
    {"LSN_3 LSN_8 LSN_14 a stop in mid-stream loses and repeats nothing",
     {kRpc},
     stop_loses_nothing},
    {"LSN_7 nothing is handed over after stop", {kRpc}, nothing_follows_a_stop},
    {"LSN_9 stop waits for the listener's function", {kRpc}, stop_waits_for_the_callback},
    {"LSN_11 stop from within the listener's function returns", {kRpc}, stop_from_the_callback},
    {"LSN_13 a listener's function that throws costs its batch alone", {kRpc}, function_throws},
    {"LSN_11 stop is harmless twice and without a start", {kRpc}, stop_twice_and_without_a_start},
    {"LSN_3 a paused listener that stops loses nothing", {kRpc}, paused_listener_stops},
    {"LSN_15 a server ends and comes back five times", {kRpc}, server_comes_back},
    {"RPLY_17 FAKE_19 closing a transport ends its calls and nothing else",
     {kRpc},
     closing_ends_calls},
    {"TRN_10 a transport closes twice, and refuses what comes later",
     {kRpc},
     closed_transport_refuses},
    {"FAKE_19 closing one transport leaves the others alone", {kRpc}, closing_leaves_others_alone},
    {"TRN_10 a transport that was not used closes", {}, unused_transport_closes},
    {"DRV_2 ten listeners share a transport", {kRpc}, many_listeners},
    {"LSN_10 a request outlives its listener without harm", {kRpc}, request_outlives_its_listener},
};

}  // namespace

Theme lifecycle() { return {"lifecycle", kCases}; }

}  // namespace gantry::conformance
