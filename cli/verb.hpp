// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "exit_code.hpp"
#include "globals.hpp"

namespace gantry::cli {

// A verb of the command: its command line, and what it does once that was parsed.
struct Verb {
  CLI::App* app;
  std::function<ExitCode()> run;  // what it throws, report() tells
};

// Each in a file of its name. `globals` outlives the verb and is filled in by the parsing.
Verb add_call(CLI::App& app, const Globals& globals);
Verb add_cast(CLI::App& app, const Globals& globals);
Verb add_check(CLI::App& app, const Globals& globals);
Verb add_decode(CLI::App& app, const Globals& globals);
Verb add_demo(CLI::App& app, const Globals& globals);
Verb add_dev(CLI::App& app, const Globals& globals);
Verb add_drivers(CLI::App& app, const Globals& globals);
Verb add_listen(CLI::App& app, const Globals& globals);
Verb add_notify(CLI::App& app, const Globals& globals);
Verb add_serve(CLI::App& app, const Globals& globals);

}  // namespace gantry::cli
