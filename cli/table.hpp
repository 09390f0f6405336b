// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gantry::cli {

// Rows in columns: aligned for people, tab-separated for programs.
class Table {
 public:
  using Row = std::vector<std::string>;

  explicit Table(Row titles) : rows_{std::move(titles)} {}
  void add(Row row) { rows_.push_back(std::move(row)); }

  std::string aligned() const;
  std::string separated() const;
  void print() const;  // aligned to a terminal, else separated

 private:
  std::vector<Row> rows_;  // the titles first; all of one length
};

}  // namespace gantry::cli
