// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "gantry/config.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/transport.hpp"
#include "globals.hpp"

namespace gantry::cli {

// The positional URL, which may be left out.
void add_url(CLI::App& app, std::string& url);

// Throws CommandError (not_found).
void require_file(const std::string& path);

// The file of --config, if it is given. Throws CommandError (not_found) and ConfigurationError.
std::optional<Config> read_config(const Globals& globals);
DriverManager::Settings driver_settings(const std::optional<Config>& config);

// How a verb gets its transport: from the URL of the command line, else from --config and
// --transport, else from GANTRY_URL, else as the verb says. From here on signals are held
// (stop_signals.hpp).
class Session {
 public:
  struct Otherwise {
    bool notifications = false;  // the transport of that section of --config, before GANTRY_URL
    std::string url{};           // where nothing else is said
  };

  // Throws CommandError (usage, not_found) and what DriverManager::open throws.
  Session(const Globals& globals, const std::string& url, const Otherwise& otherwise);
  Session(const Globals& globals, const std::string& url) : Session(globals, url, Otherwise()) {}

  Transport& bus() noexcept { return bus_; }
  // The section of --config; null without one.
  const NotificationConfig* notifications() const noexcept;

 private:
  const std::optional<Config> config_;
  const DriverManager drivers_;
  Transport bus_;
};

}  // namespace gantry::cli
