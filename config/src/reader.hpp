// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/config.hpp"
#include "gantry/options.hpp"
#include "interpolation.hpp"
#include "yaml_tree.hpp"

namespace gantry {

// A node and the way to it, "transports.rpc".
struct Cursor {
  const YamlNode& node;
  std::string path;
};

// Reads nodes as what they should be, and collects what is wrong: a reader goes on, so that one
// look at a file shows all there is to mend.
class Reader {
 public:
  struct Field {
    std::string_view name;
    std::function<void(const Cursor&)> read;
    std::string_view old_name{};  // taken as well, with a warning
  };

  explicit Reader(std::filesystem::path file);

  // Each key of a map, which may have any; a repeated key is a problem and is left out. Whether it
  // is a map.
  bool entries(const Cursor& map, const std::function<void(const YamlNode&, const Cursor&)>& use);

  // A map of known keys, none of which has to be there. Both names of one field are a problem.
  // Whether it is a map.
  bool fields(const Cursor& map, std::initializer_list<Field> known);

  // The items of a list.
  void items(const Cursor& list, const std::function<void(const Cursor&)>& use);

  // A scalar with what is to be inserted; nothing where that failed.
  std::optional<Interpolated> text(const Cursor& scalar);

  // The same into a string, which must not be left empty.
  void assign(const Cursor& scalar, std::string& into);

  // A scalar read as an option's value; nothing where that failed.
  std::optional<OptionValue> value(const Cursor& scalar, OptionSpec spec);

  void problem(const Cursor& at, std::string text) { problem(at.node.place, at.path, text); }
  void problem(const Place& place, const std::string& path, std::string text);

  // Those of another file; they come after this one's.
  void add(std::vector<ConfigProblem> problems);

  std::string where(const Place& place) const;

  // That of the file; absolute.
  const std::filesystem::path& directory() const { return directory_; }

  bool everyone_may_read() const;

  // In the order of the file.
  std::vector<ConfigProblem> take_problems();

 private:
  void warn_of_old_name(const YamlNode& key, const std::string& path, std::string_view name) const;
  bool has_kind(const Cursor& at, YamlNode::Kind kind, const char* expected);

  std::filesystem::path file_;
  std::filesystem::path directory_;
  std::vector<ConfigProblem> problems_;
  std::vector<ConfigProblem> of_other_files_;
};

}  // namespace gantry
