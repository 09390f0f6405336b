// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iterator>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

constexpr int kCycles = 5;

int entries(const char* directory) {
  const std::filesystem::directory_iterator all(directory);
  return static_cast<int>(std::distance(begin(all), end(all)));
}
int threads() { return entries("/proc/self/task"); }
int descriptors() { return entries("/proc/self/fd"); }

// The first cycle may fill what lives as long as the process; after that nothing may grow. A thread
// that has ended is listed for a moment longer.
template <class Cycle>
void check_nothing_left(Lab& lab, int (*count)(), const char* what, Cycle cycle) {
  cycle();
  const int before = count();
  for (int i = 0; i < kCycles; ++i) cycle();
  check(comes_true([&] { return count() <= before; }, lab.setup),
        std::string(what) + " before: " + std::to_string(before) +
            ", after: " + std::to_string(count()));
}

// A transport, from its opening to its end, that does all that it can.
void use_a_transport(Lab& lab) {
  Bus bus(lab.setup);
  if (bus.transport().features().rpc) {
    auto node = bus.serve(lab.server("a"));
    node.answer();
    bus.call(lab.at_topic, request(1));
    bus.cast(lab.all, 2);
    node.await(2);
  }
  if (bus.transport().features().notifications) {
    bus.notify(lab.info, 1);
    auto listener = bus.listen(lab.infos());
    check_equal(listener.start().take_number(), 1, "the notification");
  }
}

void use_listeners(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  a.answer();
  lab.bus.call(lab.server("a"), request(1));
}

void fail_calls(Lab& lab) {
  Bus bus(lab.setup);
  auto node = bus.serve(lab.server("a"));
  node.start();
  check_throws<MessagingTimeout>(
      [&] {
        bus.call(lab.at_topic, request(1), {{.deadline = Deadline::after(lab.scaled(50ms))}, {}});
      },
      "an unanswered call");
  check_throws<MessageUndeliverable>([&] { bus.cast({.topic = fresh_name()}, 1); },
                                     "a cast to nobody");
  node.listener().stop();
  bus.start_call(lab.server("a"), request(1), {});
}

void threads_of_transports(Lab& lab) {
  check_nothing_left(lab, threads, "threads", [&] { use_a_transport(lab); });
}
void descriptors_of_transports(Lab& lab) {
  check_nothing_left(lab, descriptors, "descriptors", [&] { use_a_transport(lab); });
}
void threads_of_listeners(Lab& lab) {
  check_nothing_left(lab, threads, "threads", [&] { use_listeners(lab); });
}
void descriptors_of_listeners(Lab& lab) {
  check_nothing_left(lab, descriptors, "descriptors", [&] { use_listeners(lab); });
}
void threads_of_failed_calls(Lab& lab) {
  check_nothing_left(lab, threads, "threads", [&] { fail_calls(lab); });
}
void descriptors_of_failed_calls(Lab& lab) {
  check_nothing_left(lab, descriptors, "descriptors", [&] { fail_calls(lab); });
}

constexpr Case kCases[] = {
    {"DRV_21 transports that come and go leave no thread", {}, threads_of_transports},
    {"DRV_21 transports that come and go leave no descriptor", {}, descriptors_of_transports},
    {"LSN_15 listeners that come and go leave no thread", {kRpc}, threads_of_listeners},
    {"LSN_15 listeners that come and go leave no descriptor", {kRpc}, descriptors_of_listeners},
    {"DRV_21 calls that fail leave no thread", {kRpc}, threads_of_failed_calls},
    {"DRV_21 calls that fail leave no descriptor", {kRpc}, descriptors_of_failed_calls},
};

}  // namespace

Theme leaks() { return {"leaks", kCases}; }

}  // namespace gantry::conformance
