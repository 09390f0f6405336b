// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCasts = 300;
constexpr int kLast = 100'000;  // a number that says: all that was sent to you is here

// What several servers have received.
class Tally {
 public:
  explicit Tally(std::size_t servers) : shares_(servers) {}

  void add(std::size_t server, int n) {
    const std::lock_guard lock(mutex_);
    ++all_;
    if (n != kLast) shares_[server].push_back(n);
    changed_.notify_all();
  }
  void await(std::size_t count, Deadline deadline) {
    std::unique_lock lock(mutex_);
    check(deadline.wait(changed_, lock, [&] { return all_ >= count; }), "casts are missing");
  }
  std::vector<std::vector<int>> shares() {
    const std::lock_guard lock(mutex_);
    return shares_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t all_ = 0;  // guarded by mutex_, as the next
  std::vector<std::vector<int>> shares_;
};

// Casts numbers to the topic of three servers, and gives what each of them has received.
std::vector<std::vector<int>> share_among_three(Lab& lab) {
  const std::array<std::string, 3> names{"a", "b", "c"};
  Tally tally(names.size());
  std::deque<Subscriber> nodes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto listener = lab.bus.transport().listen(lab.server(names[i]), {}, lab.setup.patience());
    nodes.emplace_back(std::move(listener), lab.scaled(30s)).start([&tally, i](auto& message) {
      tally.add(i, number_of(message.message()));
    });
  }
  for (const int n : counted(kCasts)) lab.bus.cast(lab.at_topic, n);
  for (const auto& name : names) lab.bus.cast(lab.server(name), kLast);
  tally.await(kCasts + names.size(), lab.setup.patience());
  for (auto& node : nodes) node.stop();
  return tally.shares();
}

void each_cast_reaches_one(Lab& lab) {
  std::vector<int> received;
  for (const auto& share : share_among_three(lab)) {
    received.insert(received.end(), share.begin(), share.end());
  }
  std::ranges::sort(received);
  check_equal(received, counted(kCasts), "what the three servers have received");
}

void servers_share_evenly(Lab& lab) {
  for (const auto& share : share_among_three(lab)) {
    check(share.size() >= kCasts / 5,
          "one of three servers got " + std::to_string(share.size()) + " of 300 casts");
  }
}

void calls_are_spread(Lab& lab) {
  auto a = lab.bus.serve(lab.server("a"));
  auto b = lab.bus.serve(lab.server("b"));
  a.start([](IncomingMessage& message) { message.reply("a"); });
  b.start([](IncomingMessage& message) { message.reply("b"); });
  std::multiset<std::string> answers;
  for (int n = 0; n < 40; ++n) {
    answers.emplace(lab.bus.call(lab.at_topic, request(n)).as_string().c_str());
  }
  check(answers.count("a") >= 5 && answers.count("b") >= 5,
        "of 40 calls, a answered " + std::to_string(answers.count("a")) + " and b " +
            std::to_string(answers.count("b")));
}

void server_that_ended_gets_nothing(Lab& lab) {
  auto stays = lab.bus.serve(lab.server("stays"));
  stays.start();
  {
    auto leaves = lab.bus.serve(lab.server("leaves"));
    leaves.start();
    lab.bus.cast(lab.server("leaves"), 0);
    check_equal(leaves.take_number(), 0, "the cast to the server that leaves");
  }
  for (const int n : counted(20)) lab.bus.cast(lab.at_topic, n);
  auto received = stays.take_numbers(20);
  std::ranges::sort(received);
  check_equal(received, counted(20), "what the server that stays has received");
}

void paused_listener_hands_over_nothing(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.listener().pause();
  node.start();
  auto call = lab.bus.start_call(lab.at_topic, request(1),
                                 {{.deadline = Deadline::after(lab.scaled(300ms))}, {}});
  check_throws<MessagingTimeout>([&] { result_of(call, lab.setup); }, "a call to a paused server");
  check_equal(node.received(), std::size_t{0}, "messages handed over by a paused listener");
}

void resumed_listener_goes_on(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  node.listener().pause();
  for (const int n : counted(5)) lab.bus.cast(lab.at_topic, n);
  node.listener().resume();
  check_equal(node.take_numbers(5), counted(5), "after the listener was resumed");
}

constexpr Case kCases[] = {
    {"DRV_3 each cast reaches exactly one of three servers", {kRpc}, each_cast_reaches_one},
    {"DRV_3 FAKE_8 three idle servers share evenly", {kRpc}, servers_share_evenly},
    {"DRV_3 calls are spread over the servers", {kRpc}, calls_are_spread},
    {"DRV_3 a server that has ended takes no share", {kRpc}, server_that_ended_gets_nothing},
    {"SRV_17 a listener that is paused before its start hands over nothing",
     {kRpc},
     paused_listener_hands_over_nothing},
    {"SRV_17 a listener that is resumed hands over what came meanwhile",
     {kRpc},
     resumed_listener_goes_on},
};

}  // namespace

Theme balance() { return {"balance", kCases}; }

}  // namespace gantry::conformance
