// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "gantry/rpc/server.hpp"
#include "output.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t kLongestLine = 2000;  // of what is shown of a request, in bytes

struct Serve {
  std::string url{};
  std::string topic{};
  std::string server{};
  std::optional<std::string> exchange{};
  std::optional<std::string> ns{};
  std::string version = "1.0";
  std::optional<std::size_t> workers{};

  Target target() const {
    return {.exchange = exchange, .topic = topic, .ns = ns, .version = version, .server = server};
  }
};

void require_number(const std::string& name, const Value& value) {
  if (!value.is_number()) throw InvalidArgument("argument '" + name + "' is not a number");
}

Value add(const Value& a, const Value& b) {
  require_number("a", a);
  require_number("b", b);
  if (a.is_double() || b.is_double()) return a.to_number<double>() + b.to_number<double>();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.to_number<std::int64_t>(), b.to_number<std::int64_t>(), &sum)) {
    throw std::overflow_error("the sum is beyond 64 bits");
  }
  return sum;
}

// Sleeps for that long, but not beyond the moment when the caller gives up.
void sleep(const Context& context, double seconds) {
  if (std::isnan(seconds) || seconds < 0) throw InvalidArgument("sleep takes seconds, 0 or more");
  constexpr double kLongest = 1e9;
  const auto wanted = std::chrono::duration<double>(std::min(seconds, kLongest));
  const auto end = Deadline::after(std::chrono::duration_cast<std::chrono::nanoseconds>(wanted));
  std::this_thread::sleep_until(std::min(end, context.deadline).at());
}

// "ValueError" is Python's own, "package.module.Error" that module's.
[[noreturn]] void fail(const std::string& type, const std::optional<std::string>& text) {
  const std::string message = text.value_or("failed as asked");
  const auto dot = type.rfind('.');
  const bool qualified = dot != std::string::npos;
  throw RemoteFailure({.class_name = qualified ? type.substr(dot + 1) : type,
                       .module = qualified ? type.substr(0, dot) : "builtins",
                       .message = message,
                       .args = {Value(message)}});
}

void announce(const Globals& globals, const Target& target) {
  if (globals.json) {
    return print(Object{{"serving", *target.topic}, {"server", *target.server}});
  }
  print(presentable("serving " + *target.topic + " on " + *target.server));
}

void announce(const Globals& globals, const std::string& method, const Context& context,
              const Object& args) {
  if (globals.json) {
    return print(Object{{"method", method}, {"args", args}, {"context", context.values}});
  }
  print(printable(presentable(method + ' ' + to_json(args)), kLongestLine));
}

Endpoint methods(const Target& target) {
  Endpoint endpoint(*target.version, target.ns);
  endpoint.method("echo", [](const Context&, const Object& args) -> Value { return args; });
  endpoint.method("ping", {}, [] { return std::string("pong"); });
  endpoint.method("sleep", {"seconds"}, sleep);
  endpoint.method("fail", {"class", "message"}, fail);
  endpoint.method("add", {"a", "b"}, add);
  endpoint.method("whoami", {}, [name = *target.server] { return name; });
  return endpoint;
}

// The same methods, each of which first prints a line for its request.
Endpoint announced_methods(const Target& target, const Globals& globals) {
  const Endpoint silent = methods(target);
  Endpoint endpoint(*target.version, target.ns);
  for (const std::string name : {"echo", "ping", "sleep", "fail", "add", "whoami"}) {
    endpoint.method(name, [&globals, name, method = silent.find(name)->run](const Context& context,
                                                                            const Object& args) {
      announce(globals, name, context, args);
      return method(context, args);
    });
  }
  return endpoint;
}

void start(RpcServer& server) {
  // Nothing is served yet, so there is nothing to drain.
  const StopSignals stop([] { std::_Exit(static_cast<int>(ExitCode::failed)); });
  server.start();
}

ExitCode run(const Serve& serve, const Globals& globals) {
  Session session(globals, serve.url);
  RpcServer server(session.bus(), serve.target(), {announced_methods(serve.target(), globals)},
                   {.workers = serve.workers});
  start(server);
  announce(globals, serve.target());
  const StopSignals stop([&] {
    if (!globals.quiet)
      note("stopping once what was accepted is answered; a second signal ends now");
    server.stop();
  });
  server.wait();
  return ExitCode::done;
}

}  // namespace

Verb add_serve(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand(
      "serve",
      "serve the methods echo, ping, sleep(seconds), fail(class, message), add(a, b) and whoami "
      "until SIGINT or SIGTERM");
  auto serve = std::make_shared<Serve>();  // shared with the parsed options and the verb
  add_url(*verb, serve->url);
  verb->add_option("--topic", serve->topic, "the topic to listen on")->required();
  verb->add_option("--server", serve->server, "the name of this server")->required();
  verb->add_option("--exchange", serve->exchange, "the exchange of the topic");
  verb->add_option("--ns", serve->ns, "the namespace of the methods");
  verb->add_option("--version", serve->version, "the version of the methods: major.minor")
      ->capture_default_str();
  verb->add_option("--workers", serve->workers, "requests that run at once, at the most")
      ->check(CLI::PositiveNumber)
      ->default_str("64, or what the transport's configuration says");
  return {verb, [serve, &globals] { return run(*serve, globals); }};
}

}  // namespace gantry::cli
