// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>

#include "errors.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/log.hpp"
#include "output.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

constexpr auto kFooter =
    R"(A broker's URL may be left out when --config and --transport name one, or GANTRY_URL holds it.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found (driver, transport name, file, a broker to stop),
  4 timeout, 5 the remote end answered with an error, 6 broker unreachable or refused, 7 a check or a ledger does not hold.)";

void add_globals(CLI::App& app, Globals& globals) {
  app.add_flag("--json", globals.json, "print results as JSON, one object a line");
  app.add_flag("-q,--quiet", globals.quiet, "no hints, and of the log only errors");
  app.add_flag("-v,--verbose", globals.verbosity, "explain more; twice: log all there is");
  app.add_option("--config", globals.config, "a YAML configuration")->type_name("FILE");
  app.add_option("--transport", globals.transport, "one of the configuration's transports")
      ->type_name("NAME");
  app.set_version_flag("--version",
                       "gantry " GANTRY_VERSION " (" + std::string(kDriverSymbol) + ")");
}

LogLevel log_level(const Globals& globals) {
  if (globals.quiet) return LogLevel::error;
  if (globals.verbosity == 0) return LogLevel::warning;
  return globals.verbosity == 1 ? LogLevel::info : LogLevel::trace;
}

ExitCode run(const Verb& verb) try {
  const ExitCode code = verb.run();
  if (stdout_is_sound()) return code;
  note("error: the output could not be written");
  return code == ExitCode::done ? ExitCode::failed : code;
} catch (const std::exception& error) {
  return report(error);
}

std::string failure_text(const CLI::App*, const CLI::Error& error) {
  return std::string("error: ") + error.what() +
         "\n  --help, also after a verb, shows what there is";
}

// Help and version go to stdout; what is wrong with the command line to stderr, without secrets.
ExitCode tell(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  if (app.exit(error, out, err) == 0) {
    print(out.str());
    return ExitCode::done;
  }
  note(err.str());
  return ExitCode::usage;
}

ExitCode main(int argc, char** argv) {
  CLI::App app("Try, inspect and check messaging with gantry.", "gantry");
  Globals globals;
  add_globals(app, globals);
  app.failure_message(failure_text);
  app.require_subcommand(1)->fallthrough()->validate_positionals()->footer(kFooter);
  const std::array verbs{add_demo(app, globals),   add_drivers(app, globals),
                         add_check(app, globals),  add_call(app, globals),
                         add_cast(app, globals),   add_serve(app, globals),
                         add_notify(app, globals), add_listen(app, globals),
                         add_decode(app, globals), add_dev(app, globals)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return tell(app, error);
  }
  set_log_level(log_level(globals));
  return run(*std::find_if(verbs.begin(), verbs.end(),
                           [](const Verb& verb) { return verb.app->parsed(); }));
}

}  // namespace
}  // namespace gantry::cli

int main(int argc, char** argv) { return static_cast<int>(gantry::cli::main(argc, argv)); }
