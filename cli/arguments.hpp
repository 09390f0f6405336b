// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "gantry/value.hpp"

namespace gantry::cli {

// `key=text` gives a string, `key:=json` any value. Throws CommandError (usage) for a word of
// another form, an empty or repeated key, and text that is not JSON or not UTF-8.
Object parse_pairs(const std::vector<std::string>& words);

// The arguments of a method, as the command line gives them.
struct Arguments {
  std::vector<std::string> pairs{};
  std::string json{};  // an object's text, or "-" for stdin; empty: not given

  // `what` they are part of, for the help: "of the method".
  void add_to(CLI::App& app, const std::string& what);
  // The pairs and the object as one. Throws CommandError (usage), also for a key that both give.
  Object parse() const;
};

}  // namespace gantry::cli
