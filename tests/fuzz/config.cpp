// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: it is read or every problem has its place; the options that it
// gives are read by a table with a row of every type; and a secret from outside the file is never
// told.
#include <cstdlib>
#include <string>
#include <vector>

#include "gantry/config.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/options.hpp"
#include "gantry/transport_url.hpp"
#include "property.hpp"

namespace gantry {
namespace {

using fuzz::holds;
using fuzz::require;

constexpr const char* kFile = "/nowhere/bus.yaml";
constexpr const char* kSecret = "7Zq-fuzz-secret";  // what ${S} stands for

constexpr OptionSpec kTable[] = {
    {.name = "b", .type = OptionType::boolean, .default_value = "false"},
    {.name = "i", .type = OptionType::integer, .default_value = "30", .min = 1},
    {.name = "r", .type = OptionType::real, .default_value = "1.0", .min = 0, .max = 4.5},
    {.name = "t", .type = OptionType::text, .choices = "gzip,bz2"},
    {.name = "u", .type = OptionType::text, .secret = true},
    {.name = "l", .type = OptionType::list, .default_value = "a,b"},
    {.name = "d", .type = OptionType::dict, .default_value = "x:1"},
    {.name = "w", .type = OptionType::duration, .default_value = "1200", .max = 86400},
};

bool is_within_its_row(const Options& options) {
  const auto& text = options.get<std::string>("t");
  const auto real = options.get<double>("r");
  return options.get<std::int64_t>("i") >= 1 && real >= 0 && real <= 4.5 &&
         (text.empty() || text == "gzip" || text == "bz2") &&
         options.get<std::chrono::milliseconds>("w").count() >= 0;
}

void check_options(const TransportConfig& transport) {
  auto settings = transport.options;
  for (const auto& [name, text] : TransportUrl::parse(transport.url).query) {
    settings.push_back({name, text, "in the URL's query"});
  }
  try {
    require(is_within_its_row(Options::resolve(kTable, settings)), "an option is out of its range");
  } catch (const ConfigurationError& error) {
    const std::string text = error.what();
    require(text.starts_with(kFile) || text.starts_with("in the URL's query: "),
            "an option's error names no place");
    require(!holds(text, kSecret) || holds(transport.url, kSecret),
            "an option's error has a secret");
  }
}

void check_problem(const ConfigProblem& problem) {
  const std::string place = std::string(kFile) + ':' + std::to_string(problem.line) + ':' +
                            std::to_string(problem.column);
  require(problem.line > 0 && problem.column > 0, "a problem has no place");
  require(problem.str().starts_with(place + ": "), "a problem does not begin with its place");
  require(!problem.text.empty(), "a problem says nothing");
  require(!holds(problem.str(), kSecret), "a problem has a secret");
}

void check_config_of(std::string_view text) {
  const auto report = parse_config(text, kFile);
  for (const auto& problem : report.problems) check_problem(problem);
  if (!report.problems.empty()) return;
  for (const auto& [name, transport] : report.config.transports) check_options(transport);
  if (report.config.notifications) report.config.transport(report.config.notifications->transport);
}

}  // namespace
}  // namespace gantry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gantry;
  static const int ready = [] {
    set_log_sink([](LogLevel, std::string_view text) {
      fuzz::require(!fuzz::holds(text, kSecret), "a log line has a secret");
    });
    return setenv("S", kSecret, 1);
  }();
  const auto text = fuzz::text_of(data, size);
  if (ready == 0 && !fuzz::holds(text, kSecret)) check_config_of(text);
  return 0;
}
