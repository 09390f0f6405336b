// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "arrivals.hpp"
#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "output.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kTopic = "gantry_demo";
constexpr auto kPatience = 20s;  // for one step; only one that fails takes so long

Deadline patience() { return Deadline::after(kPatience); }

// Told once more what went wrong, as the result of a step.
void require(bool holds, const std::string& what) {
  if (!holds) throw CommandError(ExitCode::failed, what);
}

Endpoint methods(const std::string& server, Arrivals& arrivals) {
  Endpoint endpoint;
  endpoint.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  endpoint.method("note", {"token"},
                  [server, &arrivals](const std::string& token) { arrivals.add(server, token); });
  endpoint.method("fail", {"why"}, [](const std::string& why) {
    throw RemoteFailure({.class_name = "ValueError", .module = "builtins", .message = why});
  });
  return endpoint;
}

class Demo {
 public:
  Demo(Transport& bus, const Globals& globals)
      : bus_(bus),
        globals_(globals),
        client_(bus, {.topic = kTopic}, {.timeout = kPatience}),
        one_(bus, {.topic = kTopic, .server = "one"}, {methods("one", arrivals_)}),
        two_(bus, {.topic = kTopic, .server = "two"}, {methods("two", arrivals_)}) {}

  // Throws when there is nothing to show: the broker is out of reach, or a signal came.
  bool run() {
    one_.start(patience());
    two_.start(patience());
    tell("serve", "two servers, 'one' and 'two', subscribed to " + std::string(kTopic), true);
    step("call", [&] { return call(); });
    step("cast", [&] { return cast(); });
    step("fanout", [&] { return fanout(); });
    step("remote error", [&] { return remote_error(); });
    step("notification", [&] { return notification(); });
    step("stop", [&] { return stop(); });
    return all_hold_;
  }

  void give_up() { arrivals_.give_up(); }

 private:
  template <class Function>
  void step(const std::string& name, Function function) try {
    tell(name, function(), true);
  } catch (const TransportClosed&) {
    throw;
  } catch (const std::exception& error) {
    tell(name, error.what(), false);
  }

  void tell(const std::string& name, const std::string& result, bool holds) {
    all_hold_ = all_hold_ && holds;
    if (globals_.json) return print(Object{{"step", name}, {"result", result}, {"holds", holds}});
    print(presentable(fmt::format("{:<4}{:<14}{}", holds ? "ok" : "NO", name, result)));
  }

  std::string call() {
    const auto sum = client_.call<std::int64_t>("add", {{"a", 2}, {"b", 3}});
    require(sum == 5, fmt::format("add(2, 3) gave {}", sum));
    return "add(2, 3) gave 5";
  }

  std::string cast() {
    client_.cast("note", {{"token", cast_}});
    const auto places = arrivals_.places(cast_, 1, patience());
    require(!places.empty(), "no server got the request");
    return "note(…) ran on '" + places.front() + "'";
  }

  std::string fanout() {
    client_.prepare({.fanout = true}).cast("note", {{"token", fanout_}});
    auto places = arrivals_.places(fanout_, 2, patience());
    std::sort(places.begin(), places.end());
    require(places == std::vector<std::string>{"one", "two"},
            fmt::format("{} of 2 servers got the request", places.size()));
    return "note(…) ran on 'one' and on 'two'";
  }

  std::string remote_error() {
    try {
      client_.call("fail", {{"why", "as asked"}});
    } catch (const RemoteError& error) {
      require(error.exc_type() == "ValueError" && error.value() == "as asked",
              "fail('as asked') raised " + error.exc_type() + ": " + error.value());
      return "fail('as asked') raised ValueError: as asked";
    }
    throw CommandError(ExitCode::failed, "fail('as asked') returned");
  }

  std::string notification() {
    if (!bus_.features().notifications) {
      return "skipped: the driver '" + bus_.settings().url.driver() + "' has no notifications";
    }
    NotificationEndpoint endpoint;
    endpoint.on(Priority::info,
                [this](const Notification& shown) { arrivals_.add("listener", shown.message_id); });
    NotificationListener listener(bus_, {{.topic = kTopic}}, {endpoint});
    listener.start(patience());
    const Notifier notifier(
        bus_, {.publisher_id = "gantry.demo", .topics = {kTopic}, .timeout = kPatience});
    const auto id = notifier.notify_or_throw(Priority::info, "demo.shown", {{"sum", 5}});
    require(!arrivals_.places(id, 1, patience()).empty(), "it did not come to the listener");
    return "demo.shown came to the listener";
  }

  std::string stop() {
    for (RpcServer* server : {&one_, &two_}) server->stop();
    for (RpcServer* server : {&one_, &two_}) server->wait();
    require(arrivals_.places(cast_, 0, patience()).size() == 1 &&
                arrivals_.places(fanout_, 0, patience()).size() == 2,
            "a request ran twice, or not at all");
    return "both servers drained; each request ran exactly once";
  }

  Transport& bus_;
  const Globals& globals_;
  Arrivals arrivals_;
  const std::string cast_ = wire::new_id();
  const std::string fanout_ = wire::new_id();
  RpcClient client_;
  RpcServer one_;
  RpcServer two_;
  bool all_hold_ = true;
};

ExitCode run(const std::string& url, const Globals& globals) {
  Session session(globals, url, {.url = "fake://"});
  Demo demo(session.bus(), globals);
  const StopSignals stop([&] {
    demo.give_up();
    session.bus().close();
  });
  return demo.run() ? ExitCode::done : ExitCode::failed;
}

}  // namespace

Verb add_demo(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand(
      "demo",
      "show a call, a cast, a fanout, a remote error and a notification, all in this process; on "
      "fake:// unless a broker is given, and there one demo at a time");
  auto url = std::make_shared<std::string>();  // shared with the parsed option and the verb
  add_url(*verb, *url);
  return {verb, [url, &globals] { return run(*url, globals); }};
}

}  // namespace gantry::cli
