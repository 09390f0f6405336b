// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

CallOptions within(Lab& lab, std::chrono::milliseconds time) {
  return {{.deadline = Deadline::after(lab.scaled(time))}, {}};
}

void check_times_out(Lab& lab, std::future<Outcome<Value>>& call, std::string_view what) {
  check_throws<MessagingTimeout>([&] { result_of(call, lab.setup); }, what);
}

void unanswered_call(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  const auto options = within(lab, 300ms);
  auto call = lab.bus.start_call(lab.at_topic, request(1), options);
  check_times_out(lab, call, "an unanswered call");
  check(options.deadline.expired(), "the call timed out before its deadline");
}

void timeout_names_the_call(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  check_throws<MessagingTimeout>(
      [&] { lab.bus.call(lab.at_topic, request(1), within(lab, 200ms)); }, "an unanswered call",
      [&](const MessagingTimeout& error) {
        const std::string_view text = error.what();
        check(text.find(lab.topic) != text.npos, "the error does not name the topic");
        check(text.find("number") != text.npos, "the error does not name the method");
      });
}

// The order of their deadlines is not the order of the calls.
void each_at_its_own_deadline(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  std::array options{within(lab, 600ms), within(lab, 200ms), within(lab, 400ms)};
  std::array<std::future<Outcome<Value>>, 3> calls;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    calls[i] = lab.bus.start_call(lab.at_topic, request(1), options[i]);
  }
  for (const std::size_t i : {1U, 2U, 0U}) {
    check_times_out(lab, calls[i], "an unanswered call");
    check(options[i].deadline.expired(), "a call timed out before its deadline");
  }
}

void other_calls_go_on(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto patient = lab.bus.start_call(lab.at_topic, request(1), lab.bus.patient());
  auto impatient = lab.bus.start_call(lab.at_topic, request(2), within(lab, 200ms));
  const auto kept = node.take_request(1, lab.setup.patience());
  check(kept != nullptr, "the patient call's request did not come");
  check_times_out(lab, impatient, "an unanswered call");
  kept->reply("after the other's timeout");
  check_equal(result_of(patient, lab.setup), "after the other's timeout", "the answer");
}

void without_a_deadline(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto endless = lab.bus.start_call(lab.at_topic, request(1), {});
  auto limited = lab.bus.start_call(lab.at_topic, request(2), within(lab, 300ms));
  const auto kept = node.take_request(1, lab.setup.patience());
  check(kept != nullptr, "the endless call's request did not come");
  check_times_out(lab, limited, "an unanswered call");
  kept->reply("at last");
  check_equal(result_of(endless, lab.setup), "at last", "the answer");
}

// A backend may count the time from when it got the request, a little later than the caller.
void given_up_in_the_queue(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  auto options = within(lab, 300ms);
  options.timeline = std::make_shared<Timeline>();
  auto call = lab.bus.start_call(lab.at_topic, request(1), options);
  check_times_out(lab, call, "a call whose server has not started");
  const auto taken = options.timeline->at(Stage::confirmed).value_or(Timeline::Clock::now());
  std::this_thread::sleep_until(taken + lab.scaled(300ms) + 100ms);
  lab.bus.cast(lab.at_topic, 2);
  check_equal(node.start().take_number(), 2, "the first request that is handed out");
}

void deadline_in_the_past(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  auto call =
      lab.bus.start_call(lab.at_topic, request(1), {{.deadline = Deadline::after(-1s)}, {}});
  check_times_out(lab, call, "a call whose deadline has passed");
  lab.bus.cast(lab.at_topic, 2);
  check_equal(node.start().take_number(), 2, "the first request that is handed out");
}

void server_that_went_away(Lab& lab) {
  { auto node = lab.bus.serve(lab.server("a")); }
  auto call = lab.bus.start_call(lab.server("a"), request(1), within(lab, 300ms));
  check_times_out(lab, call, "a call to a server that went away");
}

// As far as the driver knows the deadline at all.
void deadline_travels(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.cast(lab.at_topic, 1);
  check(node.take()->facts().deadline.is_never(), "a cast has a deadline");
  auto call = lab.bus.start_call(lab.at_topic, request(2), lab.bus.patient());
  const auto received = node.take();
  const auto& facts = received->facts();
  check(facts.deadline.is_never() || !facts.deadline.expired(), "the caller still waits");
  received->reply(nullptr);
  result_of(call, lab.setup);
}

void timeout_tells_what_is_known(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto call = taken_call(lab, node, 500ms);
  check_throws<MessagingTimeout>(
      [&] { result_of(call.ended, lab.setup); }, "a call that was taken and not answered",
      [](const MessagingTimeout& error) {
        check(error.cause() != TimeoutCause::no_consumer && error.cause() != TimeoutCause::pool &&
                  error.cause() != TimeoutCause::queued,
              "a server has the request, but the error tells otherwise: " +
                  std::string(to_string(error.cause())));
      });
}

void timeline_of_a_call(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  const auto timeline = std::make_shared<Timeline>();
  lab.bus.call(lab.at_topic, request(1), {{.timeline = timeline}, {}});
  check(timeline->furthest() == Stage::replied, "the timeline does not end with the reply");
  const auto sent = std::make_shared<Timeline>();
  lab.bus.send(lab.at_topic, request(2), {.timeline = sent});
  check(sent->furthest() == Stage::confirmed, "a cast's timeline does not end with its confirm");
}

constexpr Case kCases[] = {
    {"DRV_7 RPLY_6 an unanswered call times out, and not before its deadline",
     {kRpc},
     unanswered_call},
    {"RPLY_13 a timeout names topic and method", {kRpc}, timeout_names_the_call},
    {"RPLY_11 each call times out at its own deadline", {kRpc}, each_at_its_own_deadline},
    {"RPLY_2 a timeout leaves other calls alone", {kRpc}, other_calls_go_on},
    {"FAKE_13 a call without a deadline waits", {kRpc}, without_a_deadline},
    {"RPCS_17 RELIABILITY_4_1 a request whose caller gave up is not handed out",
     {kRpc},
     given_up_in_the_queue},
    {"DRV_7 a call whose deadline has passed times out and does not run",
     {kRpc},
     deadline_in_the_past},
    {"DRV_7 LSN_4 a call to a server that went away times out", {kRpc}, server_that_went_away},
    {"DRV_25 a cast has no deadline, a call's has not passed", {kRpc}, deadline_travels},
    {"RPLY_13 the cause of a timeout contradicts nothing that is known",
     {kRpc},
     timeout_tells_what_is_known},
    {"RELIABILITY_4_1 the timeline tells how far a send came", {kRpc}, timeline_of_a_call},
};

}  // namespace

Theme deadline() { return {"deadline", kCases}; }

}  // namespace gantry::conformance
