// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

void each_server_gets_one_copy(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  auto c = lab.bus.serve(lab.server("c"));
  for (auto* node : {&a, &b, &c}) node->start();
  for (int n = 1; n <= 3; ++n) lab.bus.cast(lab.all, n);
  for (auto* node : {&a, &b, &c}) check_equal(node->take_numbers(3), {1, 2, 3}, "the copies");
}

void servers_of_other_transports_too(Lab& lab) {
  Bus other(lab.setup);
  auto here = lab.bus.serve(lab.server("here"));
  auto there = other.serve(lab.server("there"));
  here.start();
  there.start();
  lab.bus.cast(lab.all, 1);
  check_equal(here.take_number(), 1, "on the sender's transport");
  check_equal(there.take_number(), 1, "on another transport");
}

void server_of_the_target_is_ignored(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  a.start();
  b.start();
  lab.bus.cast({.topic = lab.topic, .server = "a", .fanout = true}, 1);
  check_equal(a.take_number(), 1, "the server that was named");
  check_equal(b.take_number(), 1, "the server that was not named");
}

void twins_get_a_copy_each(Lab& lab) {
  auto one = lab.bus.serve(lab.server("a"));
  auto two = lab.bus.serve(lab.server("a"));
  one.start();
  two.start();
  lab.bus.cast(lab.all, 1);
  check_equal(one.take_number(), 1, "the first of two servers with one name");
  check_equal(two.take_number(), 1, "the second of two servers with one name");
}

void listener_that_is_not_started(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  lab.bus.cast(lab.all, 1);
  check_equal(node.start().take_number(), 1, "what was sent before the start");
}

void copies_are_independent(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  lab.bus.cast(lab.all, 1);
  const auto changed = a.start().take();
  changed->message().body["args"] = nullptr;
  check_equal(b.start().take_number(), 1, "the other's copy");
}

void nobody_is_fine(Lab& lab) { lab.bus.cast(lab.all, 1); }

void nothing_is_stored(Lab& lab) {
  lab.bus.cast(lab.all, 1);
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.cast(lab.all, 2);
  check_equal(node.take_number(), 2, "the first fanout that arrives");
}

void ended_listener_is_forgotten(Lab& lab) {
  auto stays = lab.bus.serve(lab.server("stays"));
  stays.start();
  { auto leaves = lab.bus.serve(lab.server("leaves")); }
  lab.bus.cast(lab.all, 1);
  check_equal(stays.take_number(), 1, "the server that stays");
  auto again = lab.bus.serve(lab.server("leaves"));
  again.start();
  lab.bus.cast(lab.all, 2);
  check_equal(again.take_number(), 2, "the first fanout after the server came back");
}

void fanout_stays_in_its_exchange(Lab& lab) {
  const auto exchange = fresh_name();
  auto here = lab.bus.serve(lab.server("a"));
  auto there = lab.bus.serve({.exchange = exchange, .topic = lab.topic, .server = "a"});
  here.start();
  there.start();
  lab.bus.cast(lab.all, 1);
  lab.bus.cast({.exchange = exchange, .topic = lab.topic, .fanout = true}, 2);
  check_equal(there.take_number(), 2, "the other exchange's");
  check_equal(here.take_number(), 1, "the default exchange's");
}

void topics_have_fanouts_of_their_own(Lab& lab) {
  const auto second = fresh_name();
  auto node = lab.bus.serve(lab.server("a"));
  auto other = lab.bus.serve({.topic = second, .server = "a"});
  node.start();
  other.start();
  lab.bus.cast(lab.all, 1);
  lab.bus.cast({.topic = second, .fanout = true}, 2);
  check_equal(other.take_number(), 2, "the other topic's");
  check_equal(node.take_number(), 1, "the topic's");
}

void nobody_is_told_where_asked(Lab& lab) {
  check_throws<MessageUndeliverable>(
      [&] { lab.bus.send(lab.all, request(1), {.at_least_once = true}); },
      "a fanout to nobody, at least once");
}

void somebody_is_enough(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.send(lab.all, request(1), {.at_least_once = true});
  check_equal(node.take_number(), 1, "the copy");
}

constexpr Case kCases[] = {
    {"DRV_4 a fanout reaches each server once", {kRpc}, each_server_gets_one_copy},
    {"DRV_4 a fanout reaches servers of other transports", {kRpc}, servers_of_other_transports_too},
    {"DRV_4 the server of a fanout's target is ignored", {kRpc}, server_of_the_target_is_ignored},
    {"DRV_4 two servers of one name get a copy each", {kRpc}, twins_get_a_copy_each},
    {"FAKE_4 a fanout reaches a listener that has not started",
     {kRpc},
     listener_that_is_not_started},
    {"FAKE_11 the copies of a fanout are independent", {kRpc}, copies_are_independent},
    {"FAKE_7 a fanout to nobody is accepted", {kRpc}, nobody_is_fine},
    {"FAKE_7 a fanout to nobody is not stored", {kRpc}, nothing_is_stored},
    {"DRV_4 a listener that has ended gets no fanout later", {kRpc}, ended_listener_is_forgotten},
    {"DRV_5 a fanout stays within its exchange",
     {kRpc, kFanoutByExchange},
     fanout_stays_in_its_exchange},
    {"DRV_4 a fanout stays within its topic", {kRpc}, topics_have_fanouts_of_their_own},
    {"DRV_11 FAKE_15 a fanout to nobody is undeliverable where it is to arrive at least once",
     {kRpc, kAtLeastOnce},
     nobody_is_told_where_asked},
    {"DRV_11 a fanout that is to arrive at least once arrives",
     {kRpc, kAtLeastOnce},
     somebody_is_enough},
};

}  // namespace

Theme fanout() { return {"fanout", kCases}; }

}  // namespace gantry::conformance
