// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

using Clock = Deadline::Clock;

CallOptions monitored(std::chrono::milliseconds interval, Deadline deadline = never) {
  CallOptions options;
  options.deadline = deadline;
  options.monitor = interval;
  return options;
}

void check_no_heartbeat(Lab& lab, const CallOptions& options) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  const auto earliest = Deadline::after(*options.monitor);
  auto call = lab.bus.start_call(lab.at_topic, request(1), options);
  check_throws<MessagingTimeout>([&] { result_of(call, lab.setup); }, "a call to a silent server",
                                 [](const MessagingTimeout& error) {
                                   check(error.cause() == TimeoutCause::no_heartbeat,
                                         "the cause is " + std::string(to_string(error.cause())));
                                 });
  check(earliest.expired(), "the call ended before its monitor could know");
}

void silent_server(Lab& lab) {
  check_no_heartbeat(lab, monitored(lab.scaled(300ms), Deadline::after(1h)));
}

void silent_server_without_deadline(Lab& lab) {
  check_no_heartbeat(lab, monitored(lab.scaled(300ms)));
}

void interval_reaches_the_server(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto call = lab.bus.start_call(lab.at_topic, request(1), monitored(25s));
  const auto received = node.take();
  check(received->facts().monitor == 25s, "the server does not see the interval");
  received->reply(nullptr);
  result_of(call, lab.setup);
}

// Beats for `time` and gives the longest gap between two of them.
Clock::duration beat(IncomingMessage& message, std::chrono::milliseconds time) {
  const auto end = Clock::now() + time;
  auto longest = Clock::duration::zero();
  for (auto last = Clock::now(); last < end;) {
    message.heartbeat();
    std::this_thread::sleep_for(20ms);
    const auto now = Clock::now();
    longest = std::max(longest, now - last);
    last = now;
  }
  return longest;
}

// A machine that holds the beats back shows nothing about the driver, so one good attempt is
// enough.
void heartbeats_keep_a_call_alive(Lab& lab) {
  const auto interval = lab.scaled(1s);
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  bool beaten_in_time = false;
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto call = lab.bus.start_call(lab.at_topic, request(1), monitored(interval));
    const auto received = node.take();
    const auto longest = beat(*received, 2 * interval);
    received->reply("alive");
    try {
      check_equal(result_of(call, lab.setup), "alive", "the answer");
      return;
    } catch (const MessagingTimeout&) {
      beaten_in_time |= longest < interval / 4;
    }
  }
  check(!beaten_in_time, "calls ended although heartbeats were sent");
  throw Inconclusive("this machine is too busy to beat in time");
}

void deadline_is_not_extended(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto call = taken_call(lab, node, 500ms, 1h);
  beat(*call.request, lab.scaled(600ms));
  check_throws<MessagingTimeout>([&] { result_of(call.ended, lab.setup); },
                                 "a call whose server beats for ever");
  check(call.deadline.expired(), "the call timed out before its deadline");
}

void heartbeat_without_monitor(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) {
    message.heartbeat();
    message.reply(7);
    message.heartbeat();
  });
  for (int n = 0; n < 3; ++n) check_equal(lab.bus.call(lab.at_topic, request(n)), 7, "the answer");
}

void monitored_call_is_answered(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  check_equal(lab.bus.call(lab.at_topic, request(1), monitored(1h)), {{"n", 1}}, "the answer");
}

constexpr Case kCases[] = {
    {"MSG_6 CLI_17 a monitored call ends when its server falls silent",
     {kRpc, kCallMonitor},
     silent_server},
    {"RPLY_10 a monitored call needs no deadline",
     {kRpc, kCallMonitor},
     silent_server_without_deadline},
    {"MSG_6 the monitor's interval reaches the server",
     {kRpc, kCallMonitor},
     interval_reaches_the_server},
    {"MSG_6 FAKE_14 heartbeats keep a monitored call alive",
     {kRpc, kCallMonitor},
     heartbeats_keep_a_call_alive},
    {"RPLY_11 heartbeats do not extend the deadline",
     {kRpc, kCallMonitor},
     deadline_is_not_extended},
    {"RPLY_9 a heartbeat without a monitor changes nothing", {kRpc}, heartbeat_without_monitor},
    {"RPLY_10 a monitored call is answered", {kRpc}, monitored_call_is_answered},
};

}  // namespace

Theme monitor() { return {"monitor", kCases}; }

}  // namespace gantry::conformance
