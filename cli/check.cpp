// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "gantry/config.hpp"
#include "gantry/error.hpp"
#include "gantry/options.hpp"
#include "output.hpp"
#include "session.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

using Problems = std::vector<std::string>;

// Does something with a transport; what it throws is a problem, told in one line with its place.
template <class Action>
void note_thrown(Problems& problems, const TransportConfig& transport, Action action) try {
  action();
} catch (const MessagingException& error) {
  const std::string_view all = error.what();
  const std::string text(all.substr(0, all.find('\n')));
  const auto file = transport.where.substr(0, transport.where.find(':'));
  problems.push_back(text.starts_with(file) ? text : transport.where + ": " + text);
}

// What opening the transport would say, which connects to nothing; of its options all that are
// wrong.
Problems problems_of(const DriverManager& drivers, const TransportConfig& transport) {
  Problems problems;
  note_thrown(problems, transport, [&] {
    const auto specs = drivers.find(TransportUrl::parse(transport.url).transport).options;
    for (const OptionSetting& setting : transport.options) {
      note_thrown(problems, transport, [&] { Options::resolve(specs, {&setting, 1}); });
    }
  });
  if (problems.empty()) note_thrown(problems, transport, [&] { drivers.open(transport); });
  return problems;
}

// Whether the file is wrong about this transport, so that no driver need be asked.
bool is_broken(const ConfigReport& report, const std::string& name) {
  const std::string path = "transports." + name;
  return std::any_of(report.problems.begin(), report.problems.end(), [&](const auto& problem) {
    return problem.path == path || problem.path.starts_with(path + '.');
  });
}

Problems problems_in(const std::string& file) {
  const ConfigReport report = check_config(file);
  Problems problems;
  for (const ConfigProblem& problem : report.problems) problems.push_back(problem.str());
  const DriverManager drivers({.plugin_path = report.config.plugin_path});
  for (const auto& [name, transport] : report.config.transports) {
    if (is_broken(report, name)) continue;
    const Problems more = problems_of(drivers, transport);
    problems.insert(problems.end(), more.begin(), more.end());
  }
  return problems;
}

ExitCode run(const std::string& file, const Globals& globals) {
  require_file(file);
  const Problems problems = problems_in(file);
  for (const std::string& problem : problems) {
    globals.json ? print(Object{{"problem", problem}}) : print(presentable(problem));
  }
  if (!globals.quiet && problems.empty()) note(file + ": no problems");
  return problems.empty() ? ExitCode::done : ExitCode::unsound;
}

}  // namespace

Verb add_check(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand(
      "check", "tell every problem of a YAML configuration, the drivers' options included");
  auto file = std::make_shared<std::string>();  // shared with the parsed option and the verb
  verb->add_option("FILE", *file, "the configuration")->required();
  return {verb, [file, &globals] { return run(*file, globals); }};
}

}  // namespace gantry::cli
