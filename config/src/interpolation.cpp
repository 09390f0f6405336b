// SPDX-License-Identifier: Apache-2.0
#include "interpolation.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "file_text.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

constexpr std::size_t kMaxSecretSize = 64 * 1024;

bool is_variable(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool starts_well = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
  return starts_well && std::all_of(name.begin(), name.end(), is_word);
}

std::string variable(const std::string& name) {
  if (!is_variable(name)) {
    throw std::runtime_error("'${" + printable(name) + "}' is neither ${NAME} nor ${file:PATH}");
  }
  const char* const value = std::getenv(name.c_str());
  if (!value) throw std::runtime_error("the environment variable " + name + " is not set");
  return value;
}

std::string secret_file(const std::filesystem::path& file) {
  std::string text;
  try {
    text = file_text(file, kMaxSecretSize);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error("the file " + printable(file.string()) + ' ' + error.what());
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string inserted_text(std::string_view reference, const std::filesystem::path& directory) {
  constexpr std::string_view file = "file:";
  if (!reference.starts_with(file)) return variable(std::string(reference));
  return secret_file(directory / reference.substr(file.size()));
}

}  // namespace

Interpolated interpolate(std::string_view text, const std::filesystem::path& directory,
                         const std::function<void(std::string)>& problem) {
  Interpolated out;
  for (;;) {
    const auto mark = text.find("${");
    const auto literal = text.substr(0, mark);
    out.text += literal;
    if (mark == std::string_view::npos) return out;
    text.remove_prefix(mark + 2);
    if (literal.ends_with('$')) {
      out.text += '{';
      continue;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos) {
      problem("'${' without its '}'; a '${' that is meant so is written '$${'");
      return out;
    }
    out.inserted = true;
    try {
      out.text += inserted_text(text.substr(0, end), directory);
    } catch (const std::runtime_error& error) {
      problem(error.what());
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace gantry
