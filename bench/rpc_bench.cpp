// SPDX-License-Identifier: Apache-2.0
// Calls and notifications through gantry's own classes, over any transport.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <gantry/gantry.hpp>
#include <string>
#include <utility>

#include "load.hpp"
#include "notifications.hpp"
#include "opening.hpp"

namespace {

const gantry::Target server_target{.topic = "bench", .server = "bench-1"};
const gantry::Target client_target{.topic = "bench"};

gantry::Endpoint echo() {
  gantry::Endpoint endpoint;
  endpoint.method("echo", {"payload"}, [](std::string payload) { return payload; });
  return endpoint;
}

gantry::Object arguments(const bench::Task& task) {
  return {{"payload", std::string(task.payload, 'x')}};
}

void call_blocking(gantry::Transport& bus, const bench::Task& task) {
  const gantry::RpcClient client(bus, client_target);
  const gantry::Object args = arguments(task);
  bench::call_from_threads(task, [&] { return [&] { client.call("echo", args); }; });
}

void call_async(gantry::Transport& bus, const bench::Task& task) {
  const gantry::RpcClient client(bus, client_target);
  const gantry::Object args = arguments(task);
  client.call("echo", args);
  bench::keep_under_way(task, [&](bench::Done done) {
    client.call_async("echo", args)
        .then([done = std::move(done)](const gantry::Outcome<gantry::Value>& outcome) {
          done(outcome.error());
        });
  });
}

// Those that open their transports themselves.
bool ran_unopened(const bench::Task& task) {
  if (task.role == "load_library") {
    bench::load_library(task);
  } else if (task.role == "load") {
    bench::load_driver(task);
  } else if (task.role == "first") {
    bench::notify_first(task);
  } else {
    return false;
  }
  return true;
}

int run(const bench::Task& task, const bench::Termination& termination) {
  if (ran_unopened(task)) return EXIT_SUCCESS;
  gantry::DriverManager drivers;
  gantry::Transport bus = drivers.open(task.url);
  gantry::RpcServer server(bus, server_target, {echo()});
  if (task.role == "server" || task.role == "both") server.start();
  if (task.role == "server") termination.serve_until_it_comes();
  if (task.role == "client" || task.role == "both") call_blocking(bus, task);
  if (task.role == "async") call_async(bus, task);
  if (task.role == "notify") bench::notify_blocking(bus, task);
  if (task.role == "notify_async") bench::notify_async(bus, task);
  if (task.role == "notify_window") bench::notify_window(bus, task);
  if (task.role == "drain") bench::drain(bus, task);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Termination termination;
  try {
    return run(bench::parse(argc, argv), termination);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rpc_bench: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
