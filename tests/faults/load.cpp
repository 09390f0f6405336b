// SPDX-License-Identifier: Apache-2.0
// Sends numbered messages from several threads to servers of its own, and reports what became of
// them as one line of JSON. While it runs it prints `ready`, then `sent N` at every twentieth of
// the load; the line `healed` on its standard input says when the fault was over, `go` starts a
// load that was to wait for it (WAIT=1), and `delivered N` that another process got a message. It
// ends with its input. With COUNT=0 it only serves, and prints `delivered N` itself.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "environment.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/worker_pool.hpp"
#include "gantry/log.hpp"
#include "gantry/transport.hpp"
#include "tally.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::faults {
namespace {

using std::chrono::milliseconds;

struct Load {
  std::string verb = setting("VERB", "call");  // call, cast, notify
  std::string topic = setting("TOPIC", "faults");
  std::size_t count = static_cast<std::size_t>(number("COUNT", 100));
  std::int64_t threads = number("THREADS", 4);
  std::int64_t servers = number("SERVERS", 1);
  milliseconds timeout{number("TIMEOUT_MS", 10'000)};
  milliseconds pace{number("PACE_MS", 0)};        // between two messages of a thread
  milliseconds handler{number("HANDLER_MS", 0)};  // how long each takes to be handled
  std::size_t padding = static_cast<std::size_t>(number("PADDING", 0));
  std::size_t padded_from = static_cast<std::size_t>(number("PADDED_FROM", 0));  // the first so
  int retry = static_cast<int>(number("RETRY", -1));
  OnDoubt on_doubt = setting("ON_DOUBT", "fail") == "resend" ? OnDoubt::resend : OnDoubt::fail;
  bool doubtful_arrive = number("DOUBTFUL_ARRIVE", 0) == 1;  // the fault leaves all to the broker
  std::string server_url = setting("SERVER_URL", "");
  std::string client_url = setting("CLIENT_URL", server_url);
};

void say(const std::string& line) { std::cout << line << std::endl; }

std::unique_ptr<Listener> subscribe(Transport& transport, const Load& load, int number) {
  const auto by = Deadline::after(std::chrono::seconds(30));
  Target target;
  target.topic = load.topic;
  if (load.verb == "notify") {
    const Subscription info{target, "info"};
    return transport.listen_for_notifications({&info, 1}, {}, {}, by);
  }
  target.server = "s" + std::to_string(number);
  return transport.listen(target, {}, by);
}

// One message at a time, as the workers of a server would: the connection's thread goes on.
std::unique_ptr<Listener> serve(Transport& transport, const Load& load, Tally& tally,
                                WorkerPool& workers, int number) {
  auto listener = subscribe(transport, load, number);
  listener->start([&](Batch batch) {
    for (auto& message : batch)
      workers.run([&, handled = std::shared_ptr<IncomingMessage>(std::move(message))] {
        const auto id = handled->message().body.at("args").at("id").to_number<std::size_t>();
        tally.delivered(id);
        if (load.count == 0) say("delivered " + std::to_string(id));
        if (load.handler.count() > 0) std::this_thread::sleep_for(load.handler);
        handled->acknowledge();
        handled->reply(Value(1));
      });
  });
  return listener;
}

void send_one(Transport& transport, const Load& load, std::size_t id) {
  Message message{.body = {{"method", "m"}, {"args", Object{{"id", id}}}}};
  if (load.padding > 0 && id >= load.padded_from)
    message.body["padding"] = std::string(load.padding, 'x');
  CallOptions options;
  options.deadline = Deadline::after(load.timeout);
  options.retry = load.retry;
  options.on_doubt = load.on_doubt;
  if (load.verb == "call") {
    transport.call({.topic = load.topic}, std::move(message), options);
  } else if (load.verb == "cast") {
    transport.send({.topic = load.topic}, std::move(message), options);
  } else {
    transport.send_notification({.topic = load.topic + ".info"}, std::move(message), Envelope::v2,
                                options);
  }
}

// A thread more begins when the fault is over: those before it may all still have a call in doubt,
// which says nothing of how soon a new one succeeds.
void run(Transport& transport, const Load& load, Tally& tally, std::atomic<bool>& healed) {
  const auto twentieth = std::max<std::size_t>(load.count / 20, 1);
  std::atomic<std::size_t> next = 0;
  const auto send_all = [&] {
    for (std::size_t id = next++; id < load.count; id = next++) {
      tally.began(id);
      std::exception_ptr error;
      try {
        send_one(transport, load, id);
      } catch (...) {
        error = std::current_exception();
      }
      tally.ended(id, error);
      if (id % twentieth == 0) say("sent " + std::to_string(id));
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
  WorkerPool workers({.workers = 1});
  std::vector<std::unique_ptr<Listener>> servers;
  for (std::int64_t i = 0; i < load.servers; ++i)
    servers.push_back(serve(serving, load, tally, workers, static_cast<int>(i)));
  say("ready");
  std::atomic<bool> go = number("WAIT", 0) == 0;
  std::atomic<bool> healed = false;
  std::jthread told([&] {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.starts_with("delivered ")) {
        tally.delivered(std::stoul(line.substr(line.find(' '))));
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
  run(sending, load, tally, healed);
  const bool settled = tally.wait_delivered(
      Deadline::after(milliseconds(number("SETTLE_MS", 10'000))), load.doubtful_arrive);
  auto report = tally.report();
  report["settled"] = settled;
  report["threads"] = entries("/proc/self/task");
  report["fds"] = entries("/proc/self/fd");
  report["rss_mib"] = most_memory_mib();
  report["unreadable"] = serving.ledger().counts().of(Mishap::unreadable);
  say("report " + to_json(Value(report)));
  for (const auto& server : servers) server->stop();
  workers.finish();
  servers.clear();
  sending.close();
  serving.close();
  say("closed");
  return 0;  // when its input ends
}

}  // namespace
}  // namespace gantry::faults

int main() { return gantry::faults::main_of_load(); }
