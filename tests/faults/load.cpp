// SPDX-License-Identifier: Apache-2.0
// Sends numbered messages from several threads to servers of its own, and reports what became of
// them as one line of JSON. While it runs it prints `ready`, then `sent N` at every twentieth of
// the load; the line `healed` on its standard input says when the fault was over, `go` starts a
// load that was to wait for it (WAIT=1), `until N` lets a load that holds (HOLD_AT) begin those
// below N, and `delivered N` tells that another process got a message. It ends with its input. With
// COUNT=0 it only serves, and prints `delivered N` itself.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "gantry/transport.hpp"
#include "load.hpp"
#include "serving.hpp"
#include "tally.hpp"
#include "visitors.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::faults {
namespace {

using std::chrono::milliseconds;

Message message_of(const Load& load, std::size_t id) {
  Message message{.body = {{"method", "m"}, {"args", Object{{"id", id}}}}};
  if (load.padding > 0 && id >= load.padded_from)
    message.body["padding"] = std::string(load.padding, 'x');
  if (load.identified) message.body["message_id"] = load.topic + std::to_string(id);
  return message;
}

void send_one(Transport& transport, const Load& load, Tally& tally, std::size_t id) {
  CallOptions options;
  options.deadline = Deadline::after(load.timeout);
  options.retry = load.retry;
  options.on_doubt = load.on_doubt;
  auto message = message_of(load, id);
  if (load.verb == "call") {
    const auto answer = transport.call({.topic = load.topic}, std::move(message), options);
    if (answer.to_number<std::size_t>() != id) tally.answered_wrongly(id);
  } else if (load.verb == "cast") {
    transport.send({.topic = load.topic}, std::move(message), options);
  } else {
    transport.send_notification({.topic = load.topic + ".info"}, std::move(message), Envelope::v2,
                                options);
  }
}

// Notifications that nobody waits for; closing is to send them, or to tell of each that it did not.
void send_at_close(Transport& transport, const Load& load, Tally& tally) {
  for (auto id = load.count - load.at_close; id < load.count; ++id) {
    tally.began(id);
    transport.send_notification(
        {.topic = load.topic + ".info"}, message_of(load, id), Envelope::v2, {},
        Completion<void>([&tally, id](const Outcome<void>& end) { tally.ended(id, end.error()); }));
  }
  transport.close();
}

// Numbers the messages, and holds those back that are not to begin yet.
class Gate {
 public:
  Gate(std::size_t end, std::size_t limit) : end_(end), limit_(limit) {}

  // The next message's number, once it may begin; nothing where there is none left.
  std::optional<std::size_t> pass() {
    const auto id = next_++;
    if (id >= end_) return std::nullopt;
    for (auto limit = limit_.load(); id >= limit; limit = limit_) limit_.wait(limit);
    return id;
  }
  void open_until(std::size_t limit) {
    limit_ = limit;
    limit_.notify_all();
  }

 private:
  const std::size_t end_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> limit_;
};

// A thread more begins when the fault is over: those before it may all still have a call in doubt,
// which says nothing of how soon a new one succeeds.
void run(Transport& transport, const Load& load, Tally& tally, Gate& gate,
         std::atomic<bool>& healed) {
  const auto twentieth = std::max<std::size_t>(load.count / 20, 1);
  const auto send_all = [&] {
    while (const auto id = gate.pass()) {
      tally.began(*id);
      std::exception_ptr error;
      try {
        send_one(transport, load, tally, *id);
      } catch (...) {
        error = std::current_exception();
      }
      tally.ended(*id, error);
      if (*id % twentieth == 0) say("sent " + std::to_string(*id));
      if (load.pace.count() > 0) std::this_thread::sleep_for(load.pace);
    }
  };
  const std::jthread newcomer([&] {
    healed.wait(false);
    send_all();
  });
  {
    std::vector<std::jthread> senders;
    for (std::int64_t i = 0; i < load.threads; ++i) senders.emplace_back(send_all);
  }
  healed = true;
  healed.notify_all();
}

std::size_t run_among_visitors(DriverManager& drivers, Transport& transport, const Load& load,
                               Tally& tally, Gate& gate, std::atomic<bool>& healed) {
  const Visitors visitors(drivers, load, tally);
  run(transport, load, tally, gate, healed);
  return visitors.visits();
}

std::size_t entries(const char* directory) {
  const std::filesystem::directory_iterator found(directory);
  return static_cast<std::size_t>(std::distance(begin(found), end(found)));
}

// In use at any time so far.
std::int64_t most_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

int main_of_load() {
  const Load load;
  if (load.server_url.empty()) {
    std::cerr << "SERVER_URL is not set: scripts/faults runs this\n";
    return 2;
  }
  const auto began = Clock::now();
  set_log_sink([began](LogLevel level, std::string_view text) {
    if (level < LogLevel::info) return;
    const std::chrono::duration<double> age = Clock::now() - began;
    std::cerr << age.count() << ' ' << text << '\n';
  });
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  Tally tally(load.count);
  auto serving = drivers.open(load.server_url);
  auto sending = drivers.open(load.client_url);
  std::vector<std::unique_ptr<Serving>> servers;
  for (std::int64_t i = 0; i < load.servers; ++i)
    servers.push_back(std::make_unique<Serving>(serving, load, tally, "s" + std::to_string(i)));
  say("ready");
  std::atomic<bool> go = number("WAIT", 0) == 0;
  std::atomic<bool> healed = false;
  Gate gate(load.count - load.at_close, load.hold_at);
  std::jthread told([&] {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.starts_with("delivered ")) {
        tally.delivered(std::stoul(line.substr(line.find(' '))));
        continue;
      }
      if (line.starts_with("until ")) {
        gate.open_until(std::stoul(line.substr(line.find(' '))));
        continue;
      }
      if (line == "healed") {
        tally.healed();
        healed = true;
        healed.notify_all();
      }
      go = true;
      go.notify_all();
    }
  });
  if (load.count == 0) return told.join(), 0;
  go.wait(false);
  const auto visits = run_among_visitors(drivers, sending, load, tally, gate, healed);
  if (load.at_close > 0) send_at_close(sending, load, tally);
  const bool settled = tally.wait_delivered(
      Deadline::after(milliseconds(number("SETTLE_MS", 10'000))), load.doubtful_arrive);
  auto report = tally.report();
  report["settled"] = settled;
  report["visits"] = visits;
  report["threads"] = entries("/proc/self/task");
  report["fds"] = entries("/proc/self/fd");
  report["rss_mib"] = most_memory_mib();
  report["unreadable"] = serving.ledger().counts().of(Mishap::unreadable);
  say("report " + to_json(Value(report)));
  servers.clear();
  sending.close();
  serving.close();
  say("closed");
  return 0;  // when its input ends
}

}  // namespace
}  // namespace gantry::faults

int main() { return gantry::faults::main_of_load(); }
