// SPDX-License-Identifier: Apache-2.0
#include "plugin_path.hpp"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <utility>

namespace gantry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVariable = "GANTRY_PLUGIN_PATH";
constexpr std::string_view kPrefix = "gantry_driver_";
constexpr std::string_view kSuffix = ".so";

std::vector<fs::path> split(std::string_view text) {
  std::vector<fs::path> entries;
  while (!text.empty()) {
    const auto end = std::min(text.find(':'), text.size());
    if (end > 0) entries.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return entries;
}

fs::path without_end_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

PluginPath from(const std::vector<fs::path>& entries, std::string_view source) {
  PluginPath path;
  for (const auto& entry : entries) {
    auto& list = entry.is_absolute() ? path.directories : path.ignored;
    const auto directory = without_end_slash(entry.lexically_normal());
    const bool again = std::any_of(list.begin(), list.end(),
                                   [&](const auto& seen) { return seen.path == directory; });
    if (!again) list.push_back({directory, std::string(source)});
  }
  return path;
}

// libgantry's own place, links resolved; empty if the system does not tell.
fs::path beside_libgantry() {
  boost::dll::fs::error_code error;
  const auto library = boost::dll::this_line_location(error);
  if (error) return {};
  const auto resolved = fs::canonical(library, error);
  return error ? fs::path() : resolved.parent_path() / "gantry" / "drivers";
}

}  // namespace

PluginPath PluginPath::find(const std::vector<fs::path>& configured) {
  // secure_getenv: a program that runs with more rights than its user takes no code from him.
  const char* const variable = ::secure_getenv(kVariable.data());
  if (variable != nullptr && *variable != '\0') return from(split(variable), kVariable);
  if (!configured.empty()) return from(configured, "configuration");
  return from({beside_libgantry()}, "beside libgantry");
}

fs::path plugin_file(const fs::path& directory, std::string_view name) {
  return directory / (std::string(kPrefix) + std::string(name) + std::string(kSuffix));
}

std::optional<std::string> plugin_name(const fs::path& file) {
  const auto filename = file.filename().native();
  std::string_view name = filename;
  if (name.size() <= kPrefix.size() + kSuffix.size()) return std::nullopt;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  return std::string(name);
}

std::vector<fs::path> plugins_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (plugin_name(entry->path())) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace gantry
