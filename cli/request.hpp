// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "gantry/rpc/client.hpp"

namespace gantry::cli {

// What `call` and `cast` have in common: where to, which method, with what.
struct Request {
  std::string url{};
  std::string topic{};
  std::string method{};
  Arguments arguments{};
  std::optional<std::string> server{};
  std::optional<std::string> exchange{};
  std::optional<std::string> ns{};
  std::optional<std::string> version{};
  std::optional<std::chrono::milliseconds> timeout{};
  std::vector<std::string> context{};

  void add_to(CLI::App& app);
  Target target() const;
  RpcOptions options() const;  // throws CommandError (usage)
};

}  // namespace gantry::cli
