// SPDX-License-Identifier: Apache-2.0
#include "gantry/config.hpp"

#include <optional>
#include <stdexcept>

#include "file_text.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/options.hpp"
#include "notification_section.hpp"
#include "reader.hpp"
#include "transport_section.hpp"
#include "yaml_tree.hpp"

namespace gantry {
namespace {

void read_plugin_path(Reader& reader, const Cursor& at, Config& config) {
  reader.items(at, [&](const Cursor& item) {
    std::string directory;
    reader.assign(item, directory);
    config.plugin_path.push_back((reader.directory() / directory).lexically_normal());
  });
}

void read_transports(Reader& reader, const Cursor& at, Config& config) {
  reader.entries(at, [&](const YamlNode& name, const Cursor& value) {
    config.transports.emplace(name.text, read_transport(reader, value));
  });
}

Config read_sections(Reader& reader, const YamlNode& root) {
  Config config;
  std::optional<Cursor> notifications;  // read last: it names a transport
  reader.fields({root, ""},
                {{"plugin_path", [&](const Cursor& at) { read_plugin_path(reader, at, config); }},
                 {"transports", [&](const Cursor& at) { read_transports(reader, at, config); }},
                 {"notifications", [&](const Cursor& at) { notifications.emplace(at); }}});
  if (notifications) {
    config.notifications = read_notifications(reader, *notifications, config);
  }
  return config;
}

ConfigReport useless(const std::filesystem::path& file, Place place, const std::string& text) {
  return {.problems = {{file.string(), place.line, place.column, "", text}}};
}

}  // namespace

const TransportConfig& Config::transport(std::string_view name) const {
  const auto found = transports.find(name);
  if (found != transports.end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [each, config] : transports) known.push_back(each);
  const auto near = nearest_name(name, known);
  throw ConfigurationError("no transport is named '" + printable(name) + "'" +
                           (near ? "; did you mean '" + printable(*near) + "'?" : ""));
}

std::string ConfigProblem::str() const {
  std::string out = file;
  if (line > 0) out += ':' + std::to_string(line) + ':' + std::to_string(column);
  return out + ": " + (path.empty() ? "" : path + ": ") + text;
}

ConfigReport parse_config(std::string_view text, const std::filesystem::path& file) {
  try {
    const auto root = parse_yaml(text);
    Reader reader(file);
    auto config = read_sections(reader, root);
    return {std::move(config), reader.take_problems()};
  } catch (const YamlError& error) {
    return useless(file, error.place, error.what());
  }
}

ConfigReport check_config(const std::filesystem::path& file) {
  std::string text;
  try {
    text = file_text(file, kMaxYamlSize);
  } catch (const std::runtime_error& error) {
    return useless(file, {0, 0}, error.what());
  }
  return parse_config(text, file);
}

Config load_config(const std::filesystem::path& file) {
  auto report = check_config(file);
  if (report.problems.empty()) return std::move(report.config);
  const auto more = report.problems.size() - 1;
  throw ConfigurationError(report.problems[0].str() +
                           (more > 0 ? " (and " + std::to_string(more) + " more; `gantry check " +
                                           file.string() + "` shows all)"
                                     : ""));
}

}  // namespace gantry
