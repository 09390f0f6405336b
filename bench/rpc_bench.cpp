// SPDX-License-Identifier: Apache-2.0
// Calls through gantry's own RpcClient and RpcServer, over any transport.
#include <fmt/format.h>

#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <gantry/gantry.hpp>
#include <mutex>
#include <optional>
#include <string>

#include "load.hpp"

namespace {

using bench::Clock;

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

// As many calls under way as the task says; each answer begins the next.
class AsyncCallers {
 public:
  AsyncCallers(gantry::Transport& bus, const bench::Task& task)
      : client_(bus, client_target), args_(arguments(task)), running_(task.callers) {
    client_.call("echo", args_);
    measurement_.emplace(task.seconds);
    tally_.emplace(measurement_->tally());
    for (unsigned n = 0; n < task.callers; ++n) call();
  }

  void wait_and_print() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == 0; });
    if (error_) std::rethrow_exception(error_);
    measurement_->add(*tally_);
    measurement_->print();
  }

 private:
  void call() {
    client_.call_async("echo", args_)
        .then([this, began = Clock::now()](const gantry::Outcome<gantry::Value>& outcome) {
          if (answered(began, outcome)) call();
        });
  }

  // Whether to go on.
  bool answered(Clock::time_point began, const gantry::Outcome<gantry::Value>& outcome) {
    const std::lock_guard lock(mutex_);
    tally_->count(began, Clock::now());
    if (outcome.failed()) error_ = outcome.error();
    if (!outcome.failed() && !tally_->over()) return true;
    --running_;
    changed_.notify_all();
    return false;
  }

  gantry::RpcClient client_;
  const gantry::Object args_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned running_;
  std::exception_ptr error_;
  std::optional<bench::Measurement> measurement_;
  std::optional<bench::Tally> tally_;
};

int run(const bench::Task& task, const bench::Termination& termination) {
  gantry::DriverManager drivers;
  gantry::Transport bus = drivers.open(task.url);
  gantry::RpcServer server(bus, server_target, {echo()});
  if (task.role == "server" || task.role == "both") server.start();
  if (task.role == "server") termination.serve_until_it_comes();
  if (task.role == "client" || task.role == "both") call_blocking(bus, task);
  if (task.role == "async") AsyncCallers(bus, task).wait_and_print();
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
