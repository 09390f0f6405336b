// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

void features_are_those_of_the_descriptor(Lab& lab) {
  const auto scheme = TransportUrl::parse(lab.setup.config.url).transport;
  const auto& descriptor = lab.setup.drivers.find(scheme);
  check(descriptor.features == lab.bus.transport().features(),
        "the driver's features are not those that its descriptor tells");
  check((" " + std::string(descriptor.schemes) + ' ')
                .find(' ' + scheme.substr(0, scheme.find('+')) + ' ') != std::string::npos,
        "the descriptor does not name the scheme");
}

void no_rpc(Lab& lab) {
  check_throws<UnsupportedFeature>([&] { lab.bus.cast(lab.at_topic, 1); }, "a cast");
  check_throws<UnsupportedFeature>([&] { lab.bus.call(lab.at_topic, request(1)); }, "a call");
  check_throws<UnsupportedFeature>([&] { lab.bus.serve(lab.server("a")); }, "a listen");
}

void no_notifications(Lab& lab) {
  check_throws<UnsupportedFeature>([&] { lab.bus.notify(lab.info, 1); }, "a notification");
  check_throws<UnsupportedFeature>([&] { lab.bus.listen(lab.infos()); }, "a listener");
}

void no_pools(Lab& lab) {
  check_throws<UnsupportedFeature>([&] { lab.bus.listen(lab.infos(), "p"); }, "a pool");
}

void no_requeue(Lab& lab) {
  lab.bus.notify(lab.info, 1);
  auto listener = lab.bus.listen(lab.infos());
  listener.start().take()->requeue();
  lab.bus.notify(lab.info, 2);
  while (listener.take_number() != 2) {
  }
}

void no_call_monitor(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start([](IncomingMessage& message) {
    message.heartbeat();
    message.reply("answer");
  });
  check_equal(lab.bus.call(lab.at_topic, request(1), {{}, 1h}), "answer", "the answer");
}

constexpr Case kCases[] = {
    {"DRV_23 the features are those of the descriptor", {}, features_are_those_of_the_descriptor},
    {"DRV_23 without rpc its verbs are refused", {}, no_rpc, kRpc},
    {"DRV_23 without notifications their verbs are refused", {}, no_notifications, kNotifications},
    {"DRV_15 DRV_23 without pools a pool is refused", {kNotifications}, no_pools, kPools},
    {"DRV_1 MSG_3 without requeue the verb does no harm", {kNotifications}, no_requeue, kRequeue},
    {"MSG_6 without a call monitor a monitored call is answered",
     {kRpc},
     no_call_monitor,
     kCallMonitor},
};

}  // namespace

Theme unsupported() { return {"unsupported", kCases}; }

}  // namespace gantry::conformance
