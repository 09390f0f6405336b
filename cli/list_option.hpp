// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace gantry::cli {

// An option that may be given several times. Each takes one word, and leaves the next to the verb.
inline CLI::Option* add_repeated(CLI::App& app, const std::string& name,
                                 std::vector<std::string>& into, const std::string& help) {
  return app.add_option(name, into, help)->expected(1)->take_all()->allow_extra_args(false);
}

// The same, whose word may also hold several values, separated by commas.
inline CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& into,
                             const std::string& help) {
  const auto is_name = [](const std::string& text) { return text.empty() ? "is empty" : ""; };
  return add_repeated(app, name, into, help + ", separated by commas")
      ->delimiter(',')
      ->check(CLI::Validator(is_name, "", "NAMES"));
}

}  // namespace gantry::cli
