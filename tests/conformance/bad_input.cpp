// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

Value nested(int depth) {
  Value value;
  for (int i = 0; i < depth; ++i) value = Value(Array{std::move(value)});
  return value;
}

// Values that cannot be written as JSON.
std::vector<Value> unwritable() {
  return {Value(std::nan("")), Value(std::numeric_limits<double>::infinity()), Value("\xff\xfe"),
          Value("\xc3"), nested(kMaxJsonDepth + 1)};
}

Message carrying(const Value& value) {
  return {.body = {{"method", "m"}, {"args", {{"value", value}}}}};
}

void unwritable_cast(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  for (const auto& value : unwritable()) {
    check_throws<SerializationError>([&] { lab.bus.send(lab.at_topic, carrying(value)); },
                                     "a cast that cannot be written");
  }
  lab.bus.cast(lab.at_topic, 1);
  check_equal(node.take_number(), 1, "the cast after those that were refused");
}

void unwritable_call(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  for (const auto& value : unwritable()) {
    check_throws<SerializationError>([&] { lab.bus.call(lab.at_topic, carrying(value)); },
                                     "a call that cannot be written");
  }
  check_equal(lab.bus.call(lab.at_topic, request(1)), {{"n", 1}}, "the call after the refused");
}

void unwritable_context(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  auto message = request(1);
  message.context["odd"] = std::nan("");
  check_throws<SerializationError>([&] { lab.bus.send(lab.at_topic, message); },
                                   "a cast whose context cannot be written");
}

void unwritable_notification(Lab& lab) {
  for (const auto& value : unwritable()) {
    auto message = notification(1);
    message.body["payload"] = value;
    check_throws<SerializationError>([&] { lab.bus.notify({.topic = lab.info}, message); },
                                     "a notification that cannot be written");
  }
  lab.bus.notify(lab.info, 2);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), 2, "the notification after the refused");
}

void unwritable_failure(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) {
    message.reply(Failure{.class_name = "ValueError", .message = "\xff", .args = {std::nan("")}});
  });
  check_throws<RemoteError>([&] { lab.bus.call(lab.at_topic, request(1)); },
                            "a call that ends in a failure that cannot be written");
}

void without_a_topic(Lab& lab) {
  const SendOptions options{.deadline = lab.setup.patience()};
  for (const Target& target : {Target{}, Target{.topic = ""}, Target{.server = "a"}}) {
    check_throws<InvalidTarget>([&] { lab.bus.send(target, request(1), options); }, "a cast");
    check_throws<InvalidTarget>([&] { lab.bus.call(target, request(1)); }, "a call");
  }
}

void listening_without_a_name(Lab& lab) {
  check_throws<InvalidTarget>([&] { lab.bus.serve({.server = "a"}); }, "without a topic");
  check_throws<InvalidTarget>([&] { lab.bus.serve(lab.at_topic); }, "without a server");
  check_throws<InvalidTarget>([&] { lab.bus.serve(lab.server("")); }, "with an empty server");
}

void notifying_without_a_topic(Lab& lab) {
  check_throws<InvalidTarget>([&] { lab.bus.notify(Target{}, notification(1)); }, "to no topic");
  check_throws<InvalidTarget>(
      [&] {
        lab.bus.listen({{lab.at_topic, "info"}, {{}, "info"}});
      },
      "a second subscription without a topic");
}

void unknown_option(Lab& lab) {
  auto config = lab.setup.config;
  auto url = TransportUrl::parse(config.url);
  url.query["no_driver_has_this_option"] = "1";
  config.url = url.str();
  check_throws<ConfigurationError>([&] { lab.setup.drivers.open(config); },
                                   "a URL with an unknown option");
}

void strange_members(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  Message message{.body = {{"method", "m"}, {"", "empty"}, {"ünï", 1}, {"with space", nullptr}}};
  lab.bus.send(lab.at_topic, message);
  check_equal(Value(node.take()->message().body), Value(message.body), "the body");
}

void empty_body(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  lab.bus.send(lab.at_topic, {});
  check_equal(Value(node.take()->message().body), Object{}, "the body");
}

constexpr Case kCases[] = {
    {"DRV_20 FAKE_12 a cast that cannot be written is refused", {kRpc}, unwritable_cast},
    {"DRV_20 FAKE_12 a call that cannot be written is refused", {kRpc}, unwritable_call},
    {"DRV_20 a context that cannot be written is refused", {kRpc}, unwritable_context},
    {"DRV_20 a notification that cannot be written is refused",
     {kNotifications},
     unwritable_notification},
    {"RPCS_10 a failure that cannot be written is a failure all the same",
     {kRpc},
     unwritable_failure},
    {"TRN_6 a request without a topic is refused", {kRpc}, without_a_topic},
    {"TRN_7 listening without topic or server is refused", {kRpc}, listening_without_a_name},
    {"TRN_8 notifications without a topic are refused",
     {kNotifications},
     notifying_without_a_topic},
    {"OVR_6 OVR_11 an option that the driver does not have is refused", {}, unknown_option},
    {"MSG_10 members of any name arrive", {kRpc}, strange_members},
    {"MSG_10 an empty body arrives", {kRpc}, empty_body},
};

}  // namespace

Theme bad_input() { return {"bad input", kCases}; }

}  // namespace gantry::conformance
