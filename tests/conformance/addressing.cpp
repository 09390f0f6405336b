// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

void topic_reaches_a_server(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.cast(lab.at_topic, 1);
  check_equal(node.take_number(), 1, "the cast");
}

// What went astray would have come before the number that follows it to the same server.
void server_is_reached_alone(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  a.start();
  b.start();
  for (int n = 1; n <= 10; ++n) lab.bus.cast(lab.server("a"), n);
  lab.bus.cast(lab.server("b"), 11);
  check_equal(b.take_number(), 11, "the cast to b");
  check_equal(a.take_numbers(10), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "the casts to a");
}

void call_is_answered(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  check_equal(lab.bus.call(lab.at_topic, request(1)), {{"n", 1}}, "the answer");
}

void call_to_a_server_is_answered_by_it(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  a.start([](IncomingMessage& message) { message.reply("from a"); });
  b.start([](IncomingMessage& message) { message.reply("from b"); });
  for (int n = 0; n < 5; ++n) {
    check_equal(lab.bus.call(lab.server("b"), request(n)), "from b", "the answer of b");
    check_equal(lab.bus.call(lab.server("a"), request(n)), "from a", "the answer of a");
  }
}

void absent_exchange_is_the_default(Lab& lab) {
  auto target = lab.server("a");
  target.exchange = lab.setup.config.exchange;
  auto node = lab.bus.serve(target);
  node.start();
  lab.bus.cast(lab.at_topic, 1);
  lab.bus.cast({.exchange = "", .topic = lab.topic}, 2);
  check_equal(node.take_numbers(2), {1, 2}, "without an exchange, and with an empty one");
}

void named_exchange_is_used(Lab& lab) {
  const auto exchange = fresh_name();
  auto node = lab.bus.serve({.exchange = exchange, .topic = lab.topic, .server = "a"});
  node.start();
  lab.bus.cast({.exchange = exchange, .topic = lab.topic}, 1);
  check_equal(node.take_number(), 1, "the cast to the topic");
  lab.bus.cast({.exchange = exchange, .topic = lab.topic, .server = "a"}, 2);
  check_equal(node.take_number(), 2, "the cast to the server");
}

void exchange_without_listeners(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  check_throws<MessageUndeliverable>(
      [&] { lab.bus.cast({.exchange = fresh_name(), .topic = lab.topic}, 1); },
      "a cast to the topic on an exchange where nobody listens");
}

void topics_are_apart(Lab& lab) {
  const auto longer = lab.topic + "x";
  auto node = lab.bus.serve(lab.server("a"));
  auto other = lab.bus.serve({.topic = longer, .server = "a"});
  node.start();
  other.start();
  lab.bus.cast(lab.at_topic, 1);
  lab.bus.cast({.topic = longer}, 2);
  check_equal(other.take_number(), 2, "the other topic's");
  check_equal(node.take_number(), 1, "the topic's");
}

void names_of_all_kinds(Lab& lab) {
  for (const char* suffix :
       {".with.dots", "-with-dashes", "_with_lines", "WithCapitals", ":5672"}) {
    const Target target{.topic = lab.topic + suffix, .server = std::string("node") + suffix};
    auto node = lab.bus.serve(target);
    node.start();
    lab.bus.cast({.topic = target.topic}, 1);
    check_equal(node.take_number(), 1, suffix);
    lab.bus.cast(target, 2);
    check_equal(node.take_number(), 2, suffix);
  }
}

void cast_to_nobody(Lab& lab) {
  check_throws<MessageUndeliverable>(
      [&] { lab.bus.send(lab.at_topic, request(1), {.deadline = Deadline::after(1h)}); },
      "a cast to a topic that nobody serves");
}

void call_to_nobody(Lab& lab) {
  auto call = lab.bus.start_call(lab.at_topic, request(1), {{.deadline = Deadline::after(1h)}, {}});
  check_throws<MessageUndeliverable>([&] { result_of(call, lab.setup); },
                                     "a call to a topic that nobody serves");
}

void call_to_a_missing_server(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  check_throws<MessageUndeliverable>([&] { lab.bus.call(lab.server("b"), request(1)); },
                                     "a call to a server that does not exist");
  check_equal(lab.bus.call(lab.server("a"), request(2)), {{"n", 2}}, "the next call");
}

void undeliverable_names_the_address(Lab& lab) {
  check_throws<MessageUndeliverable>(
      [&] { lab.bus.cast(lab.server("a"), 1); }, "a cast to nobody",
      [&](const MessageUndeliverable& error) {
        check(!error.exchange().empty(), "the error names no exchange");
        check(error.routing_key().find(lab.topic) != std::string::npos,
              "the error's routing key does not name the topic");
      });
}

void transports_reach_each_other(Lab& lab) {
  Bus other(lab.setup);
  auto node = other.serve(lab.server("a"));
  node.answer();
  check_equal(lab.bus.call(lab.at_topic, request(1)), {{"n", 1}}, "the answer");
}

constexpr Case kCases[] = {
    {"DRV_2 a cast to the topic reaches a server of it", {kRpc}, topic_reaches_a_server},
    {"DRV_2 a cast to a server reaches it and no other", {kRpc}, server_is_reached_alone},
    {"DRV_2 a call to the topic is answered", {kRpc}, call_is_answered},
    {"DRV_2 a call to a server is answered by that server",
     {kRpc},
     call_to_a_server_is_answered_by_it},
    {"DRV_2 FAKE_2 an absent and an empty exchange are the default one",
     {kRpc},
     absent_exchange_is_the_default},
    {"DRV_2 a named exchange carries casts to topic and server", {kRpc}, named_exchange_is_used},
    {"DRV_2 an exchange where nobody listens is not the default one",
     {kRpc},
     exchange_without_listeners},
    {"DRV_2 a topic whose name begins another's is apart from it", {kRpc}, topics_are_apart},
    {"DRV_2 names may have dots, dashes, underscores, colons and capitals",
     {kRpc},
     names_of_all_kinds},
    {"RELIABILITY_4_2 a cast to nobody is undeliverable at once", {kRpc}, cast_to_nobody},
    {"RELIABILITY_4_2 a call to nobody is undeliverable at once", {kRpc}, call_to_nobody},
    {"RELIABILITY_4_2 a call to a server that is not there is undeliverable",
     {kRpc},
     call_to_a_missing_server},
    {"DRV_11 what is undeliverable names exchange and routing key",
     {kRpc},
     undeliverable_names_the_address},
    {"TRN_15 two transports of one URL reach each other", {kRpc}, transports_reach_each_other},
};

}  // namespace

Theme addressing() { return {"addressing", kCases}; }

}  // namespace gantry::conformance
