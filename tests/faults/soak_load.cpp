// SPDX-License-Identifier: Apache-2.0
// A load for a long time: calls, notifications and fanouts at steady rates, whatever becomes of
// those before, through clients, servers, notifiers and listeners as a program has them. It prints
// `ready`; the lines `fault` and `healed` on its standard input say when there is a fault, `tell`
// asks for a line `sofar {…}` about what was sent since the last one. At the end it prints
// `report {…}` and, when it has closed all, `closed`. tests/faults/soak.py runs it.
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "environment.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "journal.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::faults {
namespace {

using namespace std::chrono_literals;

constexpr auto kTopic = "soak";
constexpr auto kTimeout = 10s;   // of every operation
constexpr auto kRecovery = 3s;   // after a fault; until then a latency says nothing
constexpr auto kSettling = 30s;  // for what is still under way at the end
constexpr std::size_t kServers = Journal::kMostReceivers;
constexpr std::size_t kWorkers = 4;  // of each server
constexpr auto kRest = "soak.rest";

struct Rates {
  std::size_t calls = static_cast<std::size_t>(number("CALLS", 200));  // a second, as the next
  std::size_t notifications = static_cast<std::size_t>(number("NOTIFICATIONS", 500));
  std::size_t fanouts = static_cast<std::size_t>(number("FANOUTS", 5));
};

struct Journals {
  Journals(const Rates& rates, std::size_t seconds)
      : calls(rates.calls * seconds, 1),
        notifications(rates.notifications * seconds, 1),
        fanouts(rates.fanouts * seconds, kServers) {}
  Journal calls;
  Journal notifications;
  Journal fanouts;

  Object report(const FaultTimes& faults) const {
    return {{"calls", calls.report(faults)},
            {"notifications", notifications.report(faults)},
            {"fanouts", fanouts.report(faults)}};
  }
  bool wait_settled(Deadline deadline) {
    const bool called = calls.wait_settled(deadline);
    const bool notified = notifications.wait_settled(deadline);
    return fanouts.wait_settled(deadline) && notified && called;
  }
};

void say(const std::string& line) { std::cout << line + '\n' << std::flush; }

std::size_t id_of(const Value& id) { return id.to_number<std::size_t>(); }

void rest() { std::this_thread::sleep_for(200ms); }

// The receiving end: two servers and a listener.
class Receivers {
 public:
  Receivers(Transport& bus, Journals& journals)
      : events_(bus, {{.topic = kTopic}}, {.workers = kWorkers}) {
    for (std::size_t n = 0; n < kServers; ++n) servers_.push_back(server(bus, journals, n));
    events_.on(Priority::info, [&journals](const Notification& event) {
      if (event.event_type == kRest) return rest();
      journals.notifications.delivered(id_of(event.payload.at("id")));
    });
    for (const auto& server : servers_) server->start();
    events_.start();
  }

 private:
  static std::unique_ptr<RpcServer> server(Transport& bus, Journals& journals, std::size_t n) {
    Endpoint endpoint;
    endpoint.method(kRest, [](const Context&, const Object&) -> Value {
      rest();
      return nullptr;
    });
    endpoint.method("work", [&journals](const Context&, const Object& args) -> Value {
      journals.calls.delivered(id_of(args.at("id")));
      return args.at("id");
    });
    endpoint.method("hear", [&journals, n](const Context&, const Object& args) -> Value {
      journals.fanouts.delivered(id_of(args.at("id")), n);
      return nullptr;
    });
    const Target target{.topic = kTopic, .server = "s" + std::to_string(n)};
    return std::make_unique<RpcServer>(bus, target, std::vector{endpoint},
                                       ServerOptions{.workers = kWorkers});
  }

  std::vector<std::unique_ptr<RpcServer>> servers_;
  NotificationListener events_;
};

// The sending end. Each message is begun at its time, however many are under way.
class Senders {
 public:
  Senders(Transport& bus, Journals& journals)
      : bus_(bus),
        journals_(journals),
        client_(bus, {.topic = kTopic}, {.timeout = kTimeout}),
        notifier_(bus, {.publisher_id = "soak", .topics = {kTopic}, .timeout = kTimeout}) {}

  // Workers come on demand. All of them are there after this, so that a thread more is one too
  // many.
  void call_all_workers(const Rates& rates) {
    std::vector<PendingCall> calls;
    for (std::size_t i = 0; i < 4 * kWorkers * kServers; ++i) {
      if (rates.calls > 0) calls.push_back(client_.call_async(kRest));
      if (rates.notifications == 0) continue;
      notifier_.notify_async(Priority::info, kRest, {}, {}, Completion<void>([](const auto&) {}));
    }
    for (auto& call : calls) call.get();
  }

  void call(std::size_t id) {
    journals_.calls.began(id);
    client_.call_async("work", {{"id", id}}).then([this, id](const Outcome<Value>& answer) {
      journals_.calls.ended(id, answer.error());
    });
  }
  void notify(std::size_t id) {
    journals_.notifications.began(id);
    notifier_.notify_async(Priority::info, "soak.event", {{"id", id}}, {},
                           end_in(journals_.notifications, id));
  }
  void fan_out(std::size_t id) {
    journals_.fanouts.began(id);
    bus_.send({.topic = kTopic, .fanout = true},
              Message{.body = {{"method", "hear"}, {"args", Object{{"id", id}}}}},
              {.deadline = Deadline::after(kTimeout)}, end_in(journals_.fanouts, id));
  }

 private:
  static Completion<void> end_in(Journal& journal, std::size_t id) {
    return Completion<void>(
        [&journal, id](const Outcome<void>& outcome) { journal.ended(id, outcome.error()); });
  }

  Transport& bus_;
  Journals& journals_;
  const RpcClient client_;
  const Notifier notifier_;
};

std::jthread at_rate(std::size_t each_second, std::size_t seconds,
                     std::function<void(std::size_t)> send) {
  return std::jthread([=] {
    const auto began = Clock::now();
    for (std::size_t id = 0; id < each_second * seconds; ++id) {
      std::this_thread::sleep_until(began + id * Clock::duration(1s) / each_second);
      send(id);
    }
  });
}

// What the test says meanwhile.
class Input {
 public:
  Input(Journals& journals, FaultTimes& faults) : journals_(journals), faults_(faults) {}

  void listen() {
    for (std::string line; std::getline(std::cin, line);) {
      if (line == "fault") faults_.begin();
      if (line == "healed") faults_.end(kRecovery);
      if (line == "tell") say("sofar " + to_json(Value(so_far())));
    }
  }

 private:
  Object so_far() {
    return {{"calls", since(journals_.calls, told_[0])},
            {"notifications", since(journals_.notifications, told_[1])},
            {"fanouts", since(journals_.fanouts, told_[2])}};
  }
  Object since(const Journal& journal, std::size_t& told) const {
    const auto first = std::exchange(told, journal.begun());
    return journal.report(faults_, first);
  }

  Journals& journals_;
  FaultTimes& faults_;
  std::array<std::size_t, 3> told_{};  // how many of each were told of
};

void print_log() {
  const auto began = Clock::now();
  set_log_level(LogLevel::info);
  set_log_sink([began](LogLevel level, std::string_view text) {
    const std::chrono::duration<double> age = Clock::now() - began;
    std::cerr << std::to_string(age.count()) +
                     (level < LogLevel::warning ? " info " : " warning ") + std::string(text) +
                     '\n';
  });
}

int main_of_soak() {
  const auto server_url = setting("SERVER_URL", "");
  if (server_url.empty()) {
    std::cerr << "SERVER_URL is not set: scripts/soak runs this\n";
    return 2;
  }
  const auto seconds = static_cast<std::size_t>(number("SECONDS", 60));
  const Rates rates;
  print_log();
  FaultTimes faults;
  Journals journals(rates, seconds);
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  auto serving = drivers.open(server_url);
  auto sending = drivers.open(setting("CLIENT_URL", server_url));
  std::optional<Receivers> receivers(std::in_place, serving, journals);
  Senders senders(sending, journals);
  Input input(journals, faults);
  const std::jthread told([&input] { input.listen(); });
  senders.call_all_workers(rates);
  faults.begin();  // of the start, too, a latency says nothing
  say("ready");
  faults.end(kRecovery);
  {
    const auto calls = at_rate(rates.calls, seconds, [&](std::size_t id) { senders.call(id); });
    const auto fanouts = at_rate(rates.fanouts, seconds, [&](auto id) { senders.fan_out(id); });
    const auto events = at_rate(rates.notifications, seconds, [&](auto id) { senders.notify(id); });
  }
  const bool settled = journals.wait_settled(Deadline::after(kSettling));
  Object report = journals.report(faults);
  report["settled"] = settled;
  report["sending"] = sending.ledger().counts().str();
  report["serving"] = serving.ledger().counts().str();
  say("report " + to_json(Value(report)));
  receivers.reset();
  sending.close();
  serving.close();
  say("closed");
  return 0;  // when its input ends
}

}  // namespace
}  // namespace gantry::faults

int main() { return gantry::faults::main_of_soak(); }
