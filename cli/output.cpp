// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <unistd.h>

#include <cstdio>
#include <limits>

#include "gantry/json.hpp"
#include "gantry/log.hpp"

namespace gantry::cli {
namespace {

void write_line(std::FILE* to, std::string_view text) {
  std::string line(text);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), to);
  std::fflush(to);
}

std::string without_credentials(std::string_view word) {
  const auto authority = word.find("://");
  const auto at = word.rfind('@');
  if (authority == std::string_view::npos || at == std::string_view::npos || at < authority) {
    return std::string(word);
  }
  return std::string(word.substr(0, authority)) + "://***" + std::string(word.substr(at));
}

std::string presentable_line(std::string_view line) {
  std::string shown;
  for (;;) {
    const auto space = line.find(' ');
    shown += without_credentials(line.substr(0, space));
    if (space == std::string_view::npos) break;
    shown += ' ';
    line.remove_prefix(space + 1);
  }
  return printable(shown, std::numeric_limits<std::size_t>::max());
}

}  // namespace

void print(std::string_view line) { write_line(stdout, line); }
void print(const Value& value) { print(to_json(value)); }
void note(std::string_view text) { write_line(stderr, presentable(text)); }

std::string presentable(std::string_view text) {
  std::string shown;
  for (;;) {
    const auto end = text.find('\n');
    shown += presentable_line(text.substr(0, end));
    if (end == std::string_view::npos) return shown;
    shown += '\n';
    text.remove_prefix(end + 1);
  }
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stdout_is_sound() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

}  // namespace gantry::cli
