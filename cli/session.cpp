// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/transport_url.hpp"
#include "output.hpp"
#include "stop_signals.hpp"

namespace gantry::cli {
namespace {

std::string environment_url() {
  const char* url = std::getenv("GANTRY_URL");
  return url != nullptr ? url : "";
}

void hint_at_password(const std::string& url) {
  const auto hosts = TransportUrl::parse(url).hosts;
  if (std::none_of(hosts.begin(), hosts.end(), [](const auto& host) { return host.password; })) {
    return;
  }
  note(
      "hint: everyone on this machine can read a password on a command line; put the URL into "
      "GANTRY_URL or a --config file");
}

std::string names_of(const Config& config) {
  std::string names;
  for (const auto& [name, transport] : config.transports) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "none" : names;
}

TransportConfig named_transport(const Globals& globals, const std::optional<Config>& config) {
  if (!config) throw CommandError(ExitCode::usage, "--transport needs --config FILE");
  const auto found = config->transports.find(globals.transport);
  if (found != config->transports.end()) return found->second;
  throw CommandError(ExitCode::not_found, globals.config + " has no transport '" +
                                              globals.transport +
                                              "'; it has: " + names_of(*config));
}

TransportConfig transport_config(const Globals& globals, const std::optional<Config>& config,
                                 const std::string& url, const Session::Otherwise& otherwise) {
  if (!url.empty() && !globals.transport.empty()) {
    throw CommandError(ExitCode::usage, "a URL and --transport exclude each other");
  }
  if (!url.empty()) {
    if (!globals.quiet) hint_at_password(url);
    return {.url = url};
  }
  if (!globals.transport.empty()) return named_transport(globals, config);
  if (otherwise.notifications && config && config->notifications) {
    return config->transport(config->notifications->transport);
  }
  if (const std::string from = environment_url(); !from.empty()) {
    return {.url = from, .where = "GANTRY_URL"};
  }
  if (!otherwise.url.empty()) return {.url = otherwise.url};
  throw CommandError(ExitCode::usage,
                     "no broker is given: start the arguments with a URL (rabbit://host/), or set "
                     "GANTRY_URL, or name a transport with --config and --transport");
}

// Before a driver can start a thread.
std::optional<Config> config_with_signals_held(const Globals& globals) {
  StopSignals::hold();
  return read_config(globals);
}

}  // namespace

void add_url(CLI::App& app, std::string& url) {
  // A URL within an argument (key=scheme://…) is none of ours.
  const auto is_url = [](const std::string& text) {
    const auto colon = text.find("://");
    return std::string(colon == std::string::npos || text.find('=') < colon ? "no URL" : "");
  };
  app.add_option("URL", url, "the broker: scheme://[user:password@]host[:port][,…]/[virtual_host]")
      ->check(CLI::Validator(is_url, "", "URL"));
}

void require_file(const std::string& path) {
  if (std::ifstream(path).good()) return;
  throw CommandError(ExitCode::not_found, "cannot read '" + path + "'");
}

std::optional<Config> read_config(const Globals& globals) {
  if (globals.config.empty()) return std::nullopt;
  require_file(globals.config);
  return load_config(globals.config);
}

DriverManager::Settings driver_settings(const std::optional<Config>& config) {
  if (!config) return {};
  return {.plugin_path = config->plugin_path};
}

Session::Session(const Globals& globals, const std::string& url, const Otherwise& otherwise)
    : config_(config_with_signals_held(globals)),
      drivers_(driver_settings(config_)),
      bus_(drivers_.open(transport_config(globals, config_, url, otherwise))) {}

const NotificationConfig* Session::notifications() const noexcept {
  return config_ && config_->notifications ? &*config_->notifications : nullptr;
}

}  // namespace gantry::cli
