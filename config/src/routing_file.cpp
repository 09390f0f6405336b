// SPDX-License-Identifier: Apache-2.0
#include "routing_file.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "file_text.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "reader.hpp"
#include "yaml_tree.hpp"

namespace gantry {
namespace {

using Patterns = std::optional<std::vector<std::string>>;

void read_pattern(Reader& reader, const Cursor& at, std::string& into) {
  reader.assign(at, into);
  try {
    check_routing_pattern(into);
  } catch (const ConfigurationError& error) {
    reader.problem(at, error.what());
  }
}

void read_patterns(Reader& reader, const Cursor& at, Patterns& into) {
  into.emplace();
  reader.items(at, [&](const Cursor& item) { read_pattern(reader, item, into->emplace_back()); });
}

RoutingRules read_rules(Reader& reader, const Cursor& at) {
  RoutingRules rules;
  reader.fields(
      at, {{"accepted_events",
            [&](const Cursor& all) { read_patterns(reader, all, rules.accepted_events); }},
           {"accepted_priorities",
            [&](const Cursor& all) { read_patterns(reader, all, rules.accepted_priorities); }}});
  return rules;
}

void check_name(Reader& reader, const YamlNode& name, const std::string& path) {
  try {
    check_notify_driver(name.text);
  } catch (const ConfigurationError& error) {
    reader.problem(name.place, path, error.what());
  }
}

RoutingTable read_table(Reader& reader, const YamlNode& root) {
  RoutingTable table;
  if (root.kind == YamlNode::Kind::null) return table;  // an empty file
  reader.entries({root, ""}, [&](const YamlNode& group, const Cursor& drivers) {
    reader.entries(drivers, [&](const YamlNode& name, const Cursor& rules) {
      check_name(reader, name, rules.path);
      table[group.text].emplace(name.text, read_rules(reader, rules));
    });
  });
  return table;
}

RoutingReport useless(const std::filesystem::path& file, Place place, const std::string& text) {
  return {.problems = {{file.string(), place.line, place.column, "", text}}};
}

}  // namespace

RoutingReport check_routing_table(const std::filesystem::path& file) {
  try {
    const auto root = parse_yaml(file_text(file, kMaxYamlSize));
    Reader reader(file);
    auto table = read_table(reader, root);
    return {std::move(table), reader.take_problems()};
  } catch (const YamlError& error) {
    return useless(file, error.place, error.what());
  } catch (const std::runtime_error& error) {
    return useless(file, {0, 0}, error.what());
  }
}

RoutingTable load_routing_table(const std::filesystem::path& file) {
  auto report = check_routing_table(file);
  if (report.problems.empty()) return std::move(report.table);
  const auto more = report.problems.size() - 1;
  throw ConfigurationError(report.problems[0].str() +
                           (more > 0 ? " (and " + std::to_string(more) + " more)" : ""));
}

}  // namespace gantry
