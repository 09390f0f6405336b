// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

struct Cast : Request {
  bool fanout = false;
};

ExitCode run(const Cast& cast, const Globals& globals) {
  const Object arguments = cast.arguments.parse();
  RpcOptions options = cast.options();
  Session session(globals, cast.url);
  const StopSignals stop([&] { session.bus().close(); });
  if (!options.timeout) options.timeout = session.bus().settings().rpc_response_timeout;
  Target target = cast.target();
  if (cast.fanout) target.fanout = true;
  RpcClient(session.bus(), target, options).cast(cast.method, arguments);
  return ExitCode::done;
}

}  // namespace

Verb add_cast(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand("cast", "send a request that nobody answers");
  auto cast = std::make_shared<Cast>();  // shared with the parsed options and the verb
  cast->add_to(*verb);
  verb->add_flag("--fanout", cast->fanout, "to all servers of the topic");
  return {verb, [cast, &globals] { return run(*cast, globals); }};
}

}  // namespace gantry::cli
