// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/json.hpp"

namespace gantry::test {

// A body as it was captured, and the capture's own view of it.
struct CapturedBody {
  std::string name;  // "args_ints_0": the file and the number of the body in it
  std::string body;
  std::optional<Value> decoded;  // none: it holds what a Value cannot hold
};

inline void PrintTo(const CapturedBody& captured, std::ostream* out) { *out << captured.name; }

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// A frame stands on one line, with its body and then, last, what the body decodes to. They are read
// apart, since some hold numbers that no Value holds.
inline CapturedBody captured_body(std::string line, std::string name) {
  constexpr std::string_view separator = ", \"decoded\": ";
  const auto split = line.find(separator);
  const auto begin = line.find('{');
  const auto end = line.rfind('}');
  CapturedBody captured{.name = std::move(name), .body = {}, .decoded = {}};
  const Value frame = parse_json(line.substr(begin, split - begin) + "}");
  captured.body = frame.at("body").as_string().c_str();
  try {
    const auto decoded = split + separator.size();
    captured.decoded = parse_json(line.substr(decoded, end - decoded));
    if (captured.decoded->is_null()) captured.decoded.reset();
  } catch (const SerializationError&) {
  }
  return captured;
}

// Every body captured below a folder of the vectors, in the order of the files' names.
inline std::vector<CapturedBody> captured_bodies(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(GANTRY_VECTORS) / folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<CapturedBody> bodies;
  for (const auto& path : paths) {
    int number = 0;
    for (const auto& line : lines_of(path)) {
      if (line.find("\"body\": ") == std::string::npos) continue;
      bodies.push_back(captured_body(line, path.stem().string() + '_' + std::to_string(number++)));
    }
  }
  return bodies;
}

}  // namespace gantry::test
