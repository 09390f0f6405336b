// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "duration_option.hpp"
#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/routing.hpp"
#include "gantry/log.hpp"
#include "output.hpp"
#include "request.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "timeline_text.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

using Clock = Timeline::Clock;

struct Call : Request {
  std::optional<std::chrono::milliseconds> monitor{};
};

std::string advice(TimeoutCause cause, const Target& target, const Transport::Settings& settings) {
  const std::string server =
      fmt::format("'{}' in exchange '{}'", send_address(target, settings.default_exchange).name(),
                  exchange_of(target, settings.default_exchange));
  switch (cause) {
    case TimeoutCause::pool:
    case TimeoutCause::connecting:
      return "no connection to " + settings.url.redacted() +
             "; is the broker up, and the URL right?";
    case TimeoutCause::blocked:
      return "the broker is short of memory or disk, and takes nothing until that is mended";
    case TimeoutCause::unconfirmed:
      return "the request was sent; whether the broker has it is not known";
    case TimeoutCause::no_consumer:
      return "the broker has no queue with a consumer for " + server +
             "; start the server for that topic";
    case TimeoutCause::queued:
      return "the request waits for " + server + "; the server is busy or hangs";
    case TimeoutCause::in_handler:
      return "the method still runs; give it more time with --timeout";
    case TimeoutCause::no_heartbeat:
      return "the server showed no sign of life for as long as --monitor allows";
    case TimeoutCause::unknown:
    case TimeoutCause::no_reply:
    case TimeoutCause::reply_lost:
      return "no answer from " + server + "; is a server running? The method may have run";
  }
  return {};
}

CommandError explained(const MessagingTimeout& timeout, const RpcClient& client,
                       const Transport& bus, Clock::duration waited) {
  return {
      exit_code_of(timeout),
      fmt::format("timed out after {}: {}\n  {}", seconds_text(waited), to_string(timeout.cause()),
                  advice(timeout.cause(), client.target(), bus.settings()))};
}

Value result_of(const Call& call, const RpcClient& client, const Transport& bus,
                const Object& arguments, Clock::time_point start) try {
  return client.call(call.method, arguments);
} catch (const MessagingTimeout& timeout) {
  // What was asked for, unless the call monitor gave up before.
  const Clock::duration limit = call.timeout.value_or(bus.settings().rpc_response_timeout);
  log(LogLevel::info, timeout.what());
  throw explained(timeout, client, bus, std::min(limit, Clock::now() - start));
}

// Tells at its end, however that comes, how far the call got.
struct TimelineNote {
  std::shared_ptr<Timeline> timeline;  // null: nothing is told
  Clock::time_point start;
  ~TimelineNote() {
    if (timeline) note(timeline_text(*timeline, start));
  }
};

ExitCode run(const Call& call, const Globals& globals) {
  const Object arguments = call.arguments.parse();
  RpcOptions options = call.options();
  options.monitor = call.monitor;
  Session session(globals, call.url);
  const StopSignals stop([&] { session.bus().close(); });
  RpcClient client(session.bus(), call.target(), options);

  const TimelineNote told{globals.verbosity > 0 ? std::make_shared<Timeline>() : nullptr,
                          Clock::now()};
  client.trace(told.timeline);
  print(result_of(call, client, session.bus(), arguments, told.start));
  return ExitCode::done;
}

}  // namespace

Verb add_call(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand("call", "call a method and print its result as JSON");
  auto call = std::make_shared<Call>();  // shared with the parsed options and the verb
  call->add_to(*verb);
  add_duration(*verb, "--monitor", call->monitor,
               "give up when the running method was not heard of for so long");
  return {verb, [call, &globals] { return run(*call, globals); }};
}

}  // namespace gantry::cli
