// SPDX-License-Identifier: Apache-2.0
// Calls over the fake driver, beside the least that any call within a process can cost, in one run:
//
//   fake_bench [--json] [--only=CASE] [--callers=N] [ROUNDS [SECONDS]]
//
// "bare" hands a text to one thread and back by mutex and condition variable. "driver" is the same
// through the fake driver, whose listener answers at once. "rpc" is RpcClient and RpcServer on top,
// "inline" the same with a server that runs its methods on the listener's thread.
// "cast" is casts to a listener, each caller with at most 1000 that were not received; its times
// are those of the sender. Each round runs every case once; the figures are medians over the
// rounds.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <functional>
#include <gantry/driver/descriptor.hpp>
#include <gantry/gantry.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exchange.hpp"
#include "load.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;  // the fake, linked in

namespace {

constexpr unsigned kCallers[] = {1, 16, 64};
constexpr std::size_t kPayload = 200;

const gantry::Target kServer{.topic = "bench", .server = "bench-1"};
const gantry::Target kClient{.topic = "bench"};

struct Arguments {
  bool json = false;
  std::string only{};     // a case's name
  std::string callers{};  // of one case
  int rounds = 5;
  double seconds = 1;
};

Arguments parse(int argc, char** argv) {
  std::vector<std::string> given(argv + 1, argv + argc);
  Arguments arguments;
  arguments.json = std::erase(given, "--json") > 0;
  const auto take = [&](std::string_view option, std::string& value) {
    std::erase_if(given, [&](const std::string& text) {
      if (!text.starts_with(option)) return false;
      value = text.substr(option.size());
      return true;
    });
  };
  take("--only=", arguments.only);
  take("--callers=", arguments.callers);
  if (!given.empty()) arguments.rounds = std::stoi(given[0]);
  if (given.size() > 1) arguments.seconds = std::stod(given[1]);
  return arguments;
}

gantry::Object payload() { return {{"payload", std::string(kPayload, 'x')}}; }

// The fake without the loader, each with exchanges of its own: what one case has left in its queues
// is not for the next one.
std::unique_ptr<gantry::Transport> open_fake() {
  static int opened = 0;
  const auto url = gantry::TransportUrl::parse(fmt::format("fake://bench-{}", ++opened));
  const auto options = gantry::Options::resolve(GANTRY_DRIVER_SYMBOL.options, {});
  return std::make_unique<gantry::Transport>(
      GANTRY_DRIVER_SYMBOL.create({url, options, "openstack"}),
      gantry::Transport::Settings{.url = url});
}

using Measure = std::function<bench::Measurement(unsigned callers, double seconds)>;

bench::Measurement measure_bare(unsigned callers, double seconds) {
  bench::BareExchange exchange;
  return bench::measure_threads(callers, seconds,
                                [&] { return [&] { exchange.call(std::string(kPayload, 'x')); }; });
}

bench::Measurement measure_driver(unsigned callers, double seconds) {
  const auto bus = open_fake();
  const auto listener = bus->listen(kServer, {}, gantry::never);
  listener->start([](const gantry::Batch& batch) {
    for (const auto& message : batch) message->reply(std::move(message->message().body["args"]));
  });
  const gantry::Message request{.body = {{"method", "echo"}, {"args", payload()}}};
  return bench::measure_threads(callers, seconds,
                                [&] { return [&] { bus->call(kClient, request, {}); }; });
}

bench::Measurement measure_rpc(const char* executor, unsigned callers, double seconds) {
  const auto bus = open_fake();
  gantry::Endpoint endpoint;
  endpoint.method("echo", {"payload"}, [](std::string text) { return text; });
  gantry::RpcServer server(*bus, kServer, {endpoint}, {.executor = executor});
  server.start();
  const gantry::RpcClient client(*bus, kClient);
  return bench::measure_threads(
      callers, seconds, [&] { return [&, args = payload()] { client.call("echo", args); }; });
}

// Lets a caller send so many casts ahead of what was received.
class Window {
 public:
  void sent() {
    if (++ahead_ < kSize) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ahead_ < kSize; });
  }
  void received() {
    if (ahead_-- != kSize) return;
    { const std::lock_guard lock(mutex_); }
    changed_.notify_one();
  }

 private:
  static constexpr int kSize = 1000;
  std::atomic<int> ahead_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

bench::Measurement measure_cast(unsigned callers, double seconds) {
  const auto bus = open_fake();
  std::vector<Window> windows(callers);
  std::atomic<std::size_t> next = 0;
  const auto listener = bus->listen(kServer, {}, gantry::never);
  listener->start([&](const gantry::Batch& batch) {
    for (const auto& message : batch) {
      windows[static_cast<std::size_t>(message->message().body.at("caller").as_int64())].received();
    }
  });
  return bench::measure_threads(callers, seconds, [&] {
    const auto caller = next++;
    const gantry::Message request{
        .body = {{"method", "echo"}, {"caller", caller}, {"args", payload()}}};
    return [&, caller, request] {
      bus->send(kClient, request, {});
      windows[caller].sent();
    };
  });
}

struct Case {
  std::string_view name;
  unsigned callers;
  Measure measure;
  std::vector<bench::Figures> rounds{};
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const unsigned callers : kCallers) {
    all.push_back({"bare", callers, measure_bare});
    all.push_back({"driver", callers, measure_driver});
    all.push_back({"rpc", callers, std::bind_front(measure_rpc, "threading")});
    all.push_back({"inline", callers, std::bind_front(measure_rpc, "inline")});
    all.push_back({"cast", callers, measure_cast});
  }
  return all;
}

template <class Figure>
double median(const Case& of, Figure figure) {
  std::vector<double> values;
  for (const auto& round : of.rounds) values.push_back(std::invoke(figure, round));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void print_case(const char* format, const Case& one) {
  using bench::Figures;
  fmt::print(fmt::runtime(format), one.name, one.callers, median(one, &Figures::calls_per_second),
             median(one, &Figures::p50_us), median(one, &Figures::p99_us),
             median(one, &Figures::cpu_us_a_call));
}

void print_table(const std::vector<Case>& measured) {
  fmt::print("{:<8}{:>8}{:>14}{:>10}{:>10}{:>16}\n", "", "callers", "calls/s", "p50 us", "p99 us",
             "CPU us a call");
  for (const auto& one : measured) {
    print_case("{:<8}{:>8}{:>14.0f}{:>10.2f}{:>10.2f}{:>16.2f}\n", one);
  }
}

void print_json(const std::vector<Case>& measured) {
  for (const auto& one : measured) {
    print_case(R"({{"case": "{}", "callers": {}, "calls_per_second": {:.1f}, )"
               R"("p50_us": {:.3f}, "p99_us": {:.3f}, "cpu_us_a_call": {:.3f}}})"
               "\n",
               one);
  }
}

int run(const Arguments& arguments) {
  gantry::set_log_level(gantry::LogLevel::error);  // 64 calls at once are no leak here
  auto all = cases();
  std::erase_if(all, [&](const Case& one) {
    return (!arguments.only.empty() && one.name != arguments.only) ||
           (!arguments.callers.empty() && std::to_string(one.callers) != arguments.callers);
  });
  for (int round = 0; round < arguments.rounds; ++round) {
    for (auto& one : all) {
      one.rounds.push_back(one.measure(one.callers, arguments.seconds).figures());
    }
  }
  arguments.json ? print_json(all) : print_table(all);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "fake_bench: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
