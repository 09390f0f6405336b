// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

#include "gantry/driver/descriptor.hpp"
#include "runner.hpp"
#include "watchdog.hpp"

namespace gantry::conformance {
namespace {

enum class ExitCode { passed = 0, failed = 1, usage = 2, no_driver = 3, unreachable = 6 };

constexpr auto kFooter =
    R"(Every case uses names of its own, "conformance_..."; queues of that name may stay on a broker.
Exit codes: 0 all hold (skipped ones aside), 1 a case failed or hangs, 2 wrong usage, 3 no such driver,
  6 broker unreachable.)";

struct Command {
  std::string url{};
  std::string glob{};
  std::string junit{};
  double scale = 1;
  bool list = false;
  bool tap = true;
};

void describe(CLI::App& app, Command& command) {
  app.add_option("URL", command.url, "of the driver and its broker: rabbit://guest:guest@host/");
  app.add_flag("--list", command.list, "name the cases and run none");
  app.add_option("--filter", command.glob,
                 "only the cases whose name fits: 'fanout: *', '*DRV_4 *'")
      ->type_name("GLOB");
  app.add_option("--junit", command.junit, "write the results as JUnit's XML as well")
      ->type_name("FILE");
  app.add_flag("--tap", command.tap, "write TAP on standard output; so it does in any case");
  app.add_option("--timeout-scale", command.scale, "multiply every time limit, for slow machines")
      ->check(CLI::Range(0.001, 1000.0))
      ->type_name("FACTOR");
  app.set_version_flag(
      "--version", "gantry-conformance " GANTRY_VERSION " (" + std::string(kDriverSymbol) + ")");
  app.footer(kFooter);
}

ExitCode complain(std::string_view what, ExitCode code) {
  std::cerr << "error: " << what << std::endl;
  return code;
}

ExitCode list(const std::vector<Selected>& cases) {
  for (const auto& each : cases) std::cout << each.full_name() << '\n';
  return std::cout.flush() ? ExitCode::passed : ExitCode::failed;
}

// Whether there is a broker, before each case finds out by itself that there is none.
void listen_once(const Setup& setup, const Features& features) {
  Watchdog watchdog(setup.scaled(std::chrono::seconds(120)), [] {
    std::_Exit(static_cast<int>(complain("the driver hangs in listen", ExitCode::failed)));
  });
  watchdog.watch();
  Bus bus(setup);
  const Target probe{.topic = fresh_name(), .server = "probe"};
  if (features.rpc) {
    bus.serve(probe);
  } else if (features.notifications) {
    bus.listen({{probe, "info"}});
  }
}

bool reaches_broker(const Setup& setup, const Features& features) try {
  listen_once(setup, features);
  return true;
} catch (const MessagingTimeout& error) {
  complain(error.what(), ExitCode::unreachable);
  return false;
} catch (const MessageDeliveryFailure& error) {
  complain(error.what(), ExitCode::unreachable);
  return false;
} catch (const AuthenticationFailed& error) {
  complain(error.what(), ExitCode::unreachable);
  return false;
} catch (const MessagingException&) {
  return true;  // the driver cannot do what it says it can: that is for the cases to show
}

// Run by the watchdog, while the thread of the cases hangs.
void give_up(const Command& command, const std::string& suite, Tap& tap,
             const std::vector<Result>& results) {
  tap.bail_out(std::string(results.back().name) + " hangs");
  try {
    if (!command.junit.empty()) write_junit(command.junit, suite, results);
  } catch (const std::exception& error) {
    complain(error.what(), ExitCode::failed);
  }
  std::_Exit(static_cast<int>(ExitCode::failed));
}

ExitCode run_cases(const Command& command, std::vector<Selected> cases, const Setup& setup,
                   const Features& features) {
  const auto url = TransportUrl::parse(command.url).redacted();
  const auto suite = "gantry-conformance " + url;
  Tap tap;
  const auto results =
      run(std::move(cases), setup, features, tap,
          [&](const std::vector<Result>& so_far) { give_up(command, suite, tap, so_far); });
  const auto count = [&](Result::End end) {
    return std::to_string(std::ranges::count(results, end, &Result::end));
  };
  tap.comment(url + ": " + count(Result::End::passed) + " passed, " + count(Result::End::failed) +
              " failed, " + count(Result::End::skipped) + " skipped");
  if (!command.junit.empty()) write_junit(command.junit, suite, results);
  const bool sound = std::ranges::count(results, Result::End::failed, &Result::end) == 0;
  return sound ? ExitCode::passed : ExitCode::failed;
}

ExitCode test(const Command& command) try {
  auto cases = select(command.glob);
  if (cases.empty()) return complain("no case fits --filter " + command.glob, ExitCode::usage);
  if (command.list) return list(cases);
  if (command.url.empty()) return complain("a URL is required (--help)", ExitCode::usage);

  const DriverManager drivers;
  const Setup setup{.drivers = drivers,
                    .config = {.url = command.url, .exchange = fresh_name()},
                    .scale = command.scale};
  const auto features = Bus(setup).transport().features();
  if (!reaches_broker(setup, features)) return ExitCode::unreachable;
  return run_cases(command, std::move(cases), setup, features);
} catch (const DriverLoadFailure& error) {
  const bool missing = error.reason() == DriverLoadFailure::Reason::not_found;
  return complain(error.what(), missing ? ExitCode::no_driver : ExitCode::failed);
} catch (const InvalidTransportURL& error) {
  return complain(error.what(), ExitCode::usage);
} catch (const ConfigurationError& error) {
  return complain(error.what(), ExitCode::usage);
} catch (const std::exception& error) {
  return complain(error.what(), ExitCode::failed);
}

ExitCode main(int argc, char** argv) {
  CLI::App app("Tests whether a driver keeps gantry's contract.", "gantry-conformance");
  Command command;
  describe(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::passed : ExitCode::usage;
  }
  return test(command);
}

}  // namespace
}  // namespace gantry::conformance

int main(int argc, char** argv) { return static_cast<int>(gantry::conformance::main(argc, argv)); }
