// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>

#include "output.hpp"

namespace gantry::cli {
namespace {

// A cell is one line and holds no separator.
std::string cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
  return text;
}

// Characters, not bytes: what does not begin a UTF-8 sequence takes no column.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string Table::aligned() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += cell(row[i]);
      line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  text.pop_back();
  return text;
}

std::string Table::separated() const {
  std::string text;
  for (const Row& row : rows_) {
    for (const std::string& each : row) text += cell(each) + '\t';
    text.back() = '\n';
  }
  text.pop_back();
  return text;
}

void Table::print() const { cli::print(stdout_is_terminal() ? aligned() : separated()); }

}  // namespace gantry::cli
