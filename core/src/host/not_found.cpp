// SPDX-License-Identifier: Apache-2.0
#include "not_found.hpp"

#include <vector>

#include "gantry/log.hpp"
#include "gantry/options.hpp"

namespace gantry {
namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string state_of(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::directory_iterator readable(directory, error);
  return error ? ": " + error.message() : "";
}

std::string line(std::string_view label, const PluginDirectory& directory,
                 const std::string& note) {
  return "\n  " + std::string(label) + ": " + directory.path.native() + " (" + directory.source +
         ")" + note;
}

}  // namespace

std::string not_found_text(std::string_view scheme, const std::set<std::string>& known,
                           const PluginPath& path) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  std::string text = "no driver for scheme '" + printable(scheme, 60) + "'";
  if (const auto near = nearest_name(scheme, names)) text += "; did you mean '" + *near + "'?";
  text += "\n  known: " + joined(known);
  for (const auto& one : path.directories) text += line("searched", one, state_of(one.path));
  for (const auto& one : path.ignored) text += line("ignored", one, ": not an absolute path");
  return text;
}

}  // namespace gantry
