// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ranges>
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "gantry/failure.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

Message carrying(Value value) {
  return {.body = {{"method", "echo"}, {"args", {{"value", std::move(value)}}}}};
}

// What goes to a server and comes back.
void check_round_trip(Lab& lab, const Value& value, std::string_view what) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  check_equal(lab.bus.call(lab.at_topic, carrying(value)), Value{{"value", value}}, what);
}

void values_of_all_kinds(Lab& lab) {
  check_round_trip(lab,
                   {nullptr, true, false, 0, "", Array{}, Object{},
                    Object{{"a", Array{1, Array{}, Object{{"b", nullptr}}}}}},
                   "values of all kinds");
}

void numbers_are_exact(Lab& lab) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  check_round_trip(lab,
                   {least, most, std::numeric_limits<std::uint64_t>::max(), 0.1, -0.5, 1e308,
                    5e-324, 1.0, 12345678901234567.0},
                   "numbers");
}

void texts_are_exact(Lab& lab) {
  check_round_trip(lab, {"ü", "漢字", "😀", "\"quoted\" \\ back", "line\nline\ttab", "\x01\x1f"},
                   "texts");
}

void big_body(Lab& lab) {
  check_round_trip(lab, Value(std::string(1 << 20, 'x')), "a text of 1 MiB");
}

void context_is_kept(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  Message message = request(1);
  message.context = {{"user", "ada"},        {"msg_id", "mine"},  {"reply_q", "mine too"},
                     {"client_timeout", 17}, {"roles", {"a", 1}}, {"nested", {{"x", nullptr}}}};
  lab.bus.send(lab.at_topic, message);
  const auto received = node.start().take();
  check_equal(Value(received->message().context), Value(message.context), "the context");
  check_equal(Value(received->message().body), Value(message.body), "the body");
}

void headers_are_kept(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  Message message = request(1);
  message.headers = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
  lab.bus.send(lab.at_topic, message);
  check(node.start().take()->message().headers == message.headers, "the headers did not arrive");
}

void null_is_an_answer(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) { message.reply(nullptr); });
  check_equal(lab.bus.call(lab.at_topic, request(1)), nullptr, "the answer");
}

void replies_out_of_order(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  std::vector<std::future<Outcome<Value>>> calls;
  for (int n = 0; n < 10; ++n) {
    calls.push_back(lab.bus.start_call(lab.at_topic, request(n), lab.bus.patient()));
  }
  std::vector<std::unique_ptr<IncomingMessage>> received;
  while (received.size() < calls.size()) received.push_back(node.take());
  for (auto& message : std::views::reverse(received)) message->reply(number_of(message->message()));
  for (int n = 0; n < 10; ++n) {
    check_equal(result_of(calls[static_cast<std::size_t>(n)], lab.setup), Value(n), "the answer");
  }
}

void failure_arrives(Lab& lab) {
  const Failure failure{.class_name = "ValueError",
                        .module = "builtins",
                        .message = "7 is odd ü",
                        .traceback = {"Traceback:\n", "  line 1\n"},
                        .args = {"7 is odd ü", 7},
                        .kwargs = {{"n", 7}}};
  auto node = lab.bus.serve(lab.server("a"));
  node.start([&](IncomingMessage& message) { message.reply(failure); });
  check_throws<RemoteError>([&] { lab.bus.call(lab.at_topic, request(1)); }, "a call that fails",
                            [&](const RemoteError& error) {
                              check_equal(error.exc_type(), failure.class_name, "class");
                              check_equal(error.failure().module, failure.module, "module");
                              check_equal(error.value(), failure.message, "message");
                              check(error.failure() == failure, "the failure is not the one sent");
                            });
}

void unwritable_reply_is_a_failure(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) { message.reply(std::nan("")); });
  check_throws<RemoteError>([&] { lab.bus.call(lab.at_topic, request(1)); },
                            "a call that is answered with NaN");
}

void first_reply_counts(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) {
    message.reply("first");
    message.reply("second");
    message.reply(Failure{.class_name = "Third"});
  });
  for (int n = 0; n < 3; ++n) {
    check_equal(lab.bus.call(lab.at_topic, request(n)), "first", "the answer");
  }
}

void cast_wants_no_reply(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.cast(lab.at_topic, 1);
  const auto cast = node.take();
  check(!cast->facts().wants_reply, "a cast says that it wants a reply");
  check(!cast->facts().monitor, "a cast says that it wants heartbeats");
  cast->reply("nobody waits");
  cast->heartbeat();
  auto call = lab.bus.start_call(lab.at_topic, request(2), lab.bus.patient());
  const auto asked = node.take();
  check(asked->facts().wants_reply, "a call does not say that it wants a reply");
  asked->reply("answer");
  check_equal(result_of(call, lab.setup), "answer", "the answer");
}

void late_reply_is_dropped(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto late = taken_call(lab, node, 500ms);
  check_throws<MessagingTimeout>([&] { result_of(late.ended, lab.setup); }, "an unanswered call");
  auto next = lab.bus.start_call(lab.at_topic, request(2), lab.bus.patient());
  const auto second = node.take();
  late.request->reply("late");
  second->reply("in time");
  check_equal(result_of(next, lab.setup), "in time", "the answer to the next call");
}

void settling_a_request_does_nothing(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) {
    message.requeue();
    message.acknowledge();
    message.reply("once");
  });
  check_equal(lab.bus.call(lab.at_topic, request(1)), "once", "the answer");
  check_equal(lab.bus.call(lab.at_topic, request(2)), "once", "the answer");
  node.stop();
  check_equal(node.received(), std::size_t{2}, "requests that were handed over");
}

void reply_after_stop(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto call = lab.bus.start_call(lab.at_topic, request(1), lab.bus.patient());
  const auto received = node.take();
  node.stop();
  received->reply("still");
  check_equal(result_of(call, lab.setup), "still", "the answer");
}

void reply_from_another_thread(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  auto call = lab.bus.start_call(lab.at_topic, request(1), lab.bus.patient());
  auto received = node.take();
  std::jthread([received = std::move(received)] { received->reply("from afar"); }).join();
  check_equal(result_of(call, lab.setup), "from afar", "the answer");
}

constexpr Case kCases[] = {
    {"RPCS_5 values of all kinds arrive and come back", {kRpc}, values_of_all_kinds},
    {"RPCS_5 numbers arrive exactly", {kRpc}, numbers_are_exact},
    {"RPCS_5 texts arrive exactly", {kRpc}, texts_are_exact},
    {"RPCS_5 a body of 1 MiB arrives whole", {kRpc}, big_body},
    {"MSG_10 context and body arrive as they were sent, reserved names too",
     {kRpc},
     context_is_kept},
    {"MSG_10 headers arrive", {kRpc}, headers_are_kept},
    {"RPLY_8 null is an answer", {kRpc}, null_is_an_answer},
    {"RPLY_3 replies in any order reach their calls", {kRpc}, replies_out_of_order},
    {"RPLY_18 MSG_5 a failure arrives whole as a RemoteError", {kRpc}, failure_arrives},
    {"RPCS_10 a reply that cannot be written is a failure that says so",
     {kRpc},
     unwritable_reply_is_a_failure},
    {"MSG_5 RPLY_14 only the first reply counts", {kRpc}, first_reply_counts},
    {"MSG_5 DRV_6 a cast wants no reply and a call does", {kRpc}, cast_wants_no_reply},
    {"RPLY_4 FAKE_13 a late reply is dropped and hurts no other call",
     {kRpc},
     late_reply_is_dropped},
    {"RPCS_18 MSG_7 to settle a request does nothing", {kRpc}, settling_a_request_does_nothing},
    {"LSN_10 a request is answered after its listener was stopped", {kRpc}, reply_after_stop},
    {"MSG_5 a request is answered from another thread", {kRpc}, reply_from_another_thread},
};

}  // namespace

Theme reply() { return {"reply", kCases}; }

}  // namespace gantry::conformance
