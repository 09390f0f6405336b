// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

// Each is sent when the one before it was taken by the backend.
void casts_to_a_topic(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  for (const int n : counted(100)) lab.bus.cast(lab.at_topic, n);
  check_equal(node.take_numbers(100), counted(100), "casts to the topic");
}

void casts_to_a_server(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  for (const int n : counted(100)) lab.bus.cast(lab.server("a"), n);
  check_equal(node.start().take_numbers(100), counted(100), "casts to the server");
}

void fanouts(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  for (const int n : counted(50)) lab.bus.cast(lab.all, n);
  check_equal(node.take_numbers(50), counted(50), "fanouts");
}

void calls_of_one_thread(Lab& lab) {
  std::vector<int> handled;  // written by the listener's thread while a call waits
  auto node = lab.bus.serve(lab.server("a"));
  node.start([&](IncomingMessage& message) {
    handled.push_back(number_of(message.message()));
    message.reply(nullptr);
  });
  for (const int n : counted(50)) lab.bus.call(lab.at_topic, request(n));
  node.stop();
  check_equal(handled, counted(50), "calls");
}

void stored_notifications(Lab& lab) {
  for (const int n : counted(100)) lab.bus.notify(lab.info, n);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_numbers(100), counted(100), "notifications that were stored");
}

void live_notifications(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  for (const int n : counted(100)) lab.bus.notify(lab.info, n);
  check_equal(listener.take_numbers(100), counted(100), "notifications to a listener");
}

constexpr Case kCases[] = {
    {"DRV_10 casts to a topic arrive in the order of their confirmation", {kRpc}, casts_to_a_topic},
    {"DRV_10 casts to a server arrive in the order of their confirmation",
     {kRpc},
     casts_to_a_server},
    {"DRV_10 fanouts arrive in the order of their confirmation", {kRpc}, fanouts},
    {"DRV_10 calls of one thread are handled in order", {kRpc}, calls_of_one_thread},
    {"DRV_10 DRV_12 stored notifications arrive in order", {kNotifications}, stored_notifications},
    {"DRV_10 notifications reach a listener in order", {kNotifications}, live_notifications},
};

}  // namespace

Theme ordering() { return {"ordering", kCases}; }

}  // namespace gantry::conformance
