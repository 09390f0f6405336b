// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace gantry::cli {

// An option that takes a duration ("5", "5s", "500ms", "2m") longer than nothing.
CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::chrono::milliseconds>& into, const std::string& help);

// "2.0 s"
std::string seconds_text(std::chrono::nanoseconds duration);

}  // namespace gantry::cli
