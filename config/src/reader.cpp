// SPDX-License-Identifier: Apache-2.0
#include "reader.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

std::string under(const std::string& path, const std::string& key) {
  return path.empty() ? printable(key) : path + '.' + printable(key);
}

std::string same_field(std::string_view other) {
  return "the same as '" + std::string(other) + "', which is there already";
}

std::string unknown_key(const std::string& key, std::initializer_list<Reader::Field> known) {
  std::vector<std::string_view> names;
  for (const auto& field : known) names.push_back(field.name);
  if (const auto near = nearest_name(key, names)) {
    return "unknown key; did you mean '" + *near + "'?";
  }
  std::string all;
  for (const auto name : names) all.append(all.empty() ? "" : ", ").append(name);
  return "unknown key; known here: " + all;
}

}  // namespace

Reader::Reader(std::filesystem::path file)
    : file_(std::move(file)), directory_(std::filesystem::absolute(file_).parent_path()) {}

bool Reader::entries(const Cursor& map,
                     const std::function<void(const YamlNode&, const Cursor&)>& use) {
  if (!has_kind(map, YamlNode::Kind::map, "a map")) return false;
  std::map<std::string_view, int> seen;  // where each key stood first
  for (std::size_t i = 0; i < map.node.keys.size(); ++i) {
    const auto& key = map.node.keys[i];
    const Cursor value{map.node.items[i], under(map.path, key.text)};
    const auto [first, added] = seen.emplace(key.text, key.place.line);
    if (added) {
      use(key, value);
    } else {
      problem(key.place, value.path,
              "duplicate key; it stands in line " + std::to_string(first->second) + " already");
    }
  }
  return true;
}

bool Reader::fields(const Cursor& map, std::initializer_list<Field> known) {
  std::map<std::string_view, std::string_view> names;  // by which each field was given
  return entries(map, [&](const YamlNode& key, const Cursor& value) {
    const auto field = std::find_if(known.begin(), known.end(), [&](const Field& row) {
      return row.name == key.text || (!row.old_name.empty() && row.old_name == key.text);
    });
    if (field == known.end()) return problem(key.place, value.path, unknown_key(key.text, known));
    const auto [given, first] = names.emplace(field->name, key.text);
    if (!first) return problem(key.place, value.path, same_field(given->second));
    if (key.text == field->old_name) warn_of_old_name(key, value.path, field->name);
    field->read(value);
  });
}

void Reader::warn_of_old_name(const YamlNode& key, const std::string& path,
                              std::string_view name) const {
  log(LogLevel::warning,
      where(key.place) + ": " + path + " is now called '" + std::string(name) + "'");
}

void Reader::items(const Cursor& list, const std::function<void(const Cursor&)>& use) {
  if (!has_kind(list, YamlNode::Kind::sequence, "a list, [a, b]")) return;
  for (std::size_t i = 0; i < list.node.items.size(); ++i) {
    use({list.node.items[i], list.path + '[' + std::to_string(i) + ']'});
  }
}

std::optional<Interpolated> Reader::text(const Cursor& scalar) {
  if (!has_kind(scalar, YamlNode::Kind::scalar, "text")) return std::nullopt;
  bool whole = true;
  auto text = interpolate(scalar.node.text, directory_, [&](std::string reason) {
    whole = false;
    problem(scalar, std::move(reason));
  });
  if (!whole) return std::nullopt;
  return text;
}

void Reader::assign(const Cursor& scalar, std::string& into) {
  auto written = text(scalar);
  if (!written) return;
  if (written->text.empty()) problem(scalar, "is empty");
  into = std::move(written->text);
}

std::optional<OptionValue> Reader::value(const Cursor& scalar, OptionSpec spec) {
  const auto written = text(scalar);
  if (!written) return std::nullopt;
  spec.secret = written->inserted;
  try {
    return parse_option(spec, written->text);
  } catch (const ConfigurationError& error) {
    problem(scalar, error.what());
    return std::nullopt;
  }
}

void Reader::problem(const Place& place, const std::string& path, std::string text) {
  problems_.push_back({file_.string(), place.line, place.column, path, std::move(text)});
}

void Reader::add(std::vector<ConfigProblem> problems) {
  std::ranges::move(problems, std::back_inserter(of_other_files_));
}

std::string Reader::where(const Place& place) const {
  return file_.string() + ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
}

bool Reader::everyone_may_read() const {
  using std::filesystem::perms;
  std::error_code missing;
  const auto status = std::filesystem::status(file_, missing);
  return !missing && (status.permissions() & perms::others_read) != perms::none;
}

std::vector<ConfigProblem> Reader::take_problems() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  std::ranges::move(of_other_files_, std::back_inserter(problems_));
  of_other_files_.clear();
  return std::exchange(problems_, {});
}

bool Reader::has_kind(const Cursor& at, YamlNode::Kind kind, const char* expected) {
  if (at.node.kind == kind) return true;
  problem(at, at.node.kind == YamlNode::Kind::null ? std::string("has no value")
                                                   : std::string("has to be ") + expected);
  return false;
}

}  // namespace gantry
