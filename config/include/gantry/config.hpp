// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/export.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/notify/routing_table.hpp"

// Settings from a YAML file (docs/configuration.md). Part of libgantry-config; nothing here keeps
// state, so everything is for any thread. There is no << for these types: URLs and options hold
// secrets.
namespace gantry {

// The section `notifications:`.
struct NotificationConfig {
  std::string transport{};  // a name under `transports:`
  std::vector<std::string> topics{"notifications"};
  std::string publisher_id{};
  std::vector<std::string> driver{};       // messaging, messagingv2, log, test, noop, routing
  int retry = -1;                          // how often a failed send is tried again; -1: for ever
  OnDoubt on_doubt = OnDoubt::fail;        // resend: at least once
  std::filesystem::path routing_config{};  // a file for the driver routing, absolute; empty: none
};

// A notifier's options as the section has them. The routing file is read when it is first needed,
// and at Notifier::reload(). Without a `driver` the notifier refuses to be made.
//
//   auto bus = drivers.open(config.transport(config.notifications->transport));
//   gantry::Notifier notifier(bus, notifier_options(*config.notifications));
GANTRY_API NotifierOptions notifier_options(const NotificationConfig& config);

struct GANTRY_API Config {
  std::vector<std::filesystem::path> plugin_path{};  // absolute, for DriverManager::Settings
  // By name, for DriverManager::open. Options are not checked here: only their driver knows them.
  std::map<std::string, TransportConfig, std::less<>> transports{};
  std::optional<NotificationConfig> notifications{};

  // Throws ConfigurationError, with the nearest known name, when there is no such transport.
  const TransportConfig& transport(std::string_view name) const;
};

// Something in a file that cannot be used.
struct GANTRY_API ConfigProblem {
  std::string file{};
  int line = 0;  // from 1; 0 where the file as a whole is meant
  int column = 0;
  std::string path{};  // "transports.rpc.options"; empty at the top
  std::string text{};

  // "bus.yaml:4:5: transports.rpc.optoins: unknown key; did you mean 'options'?"
  std::string str() const;
};

struct ConfigReport {
  Config config{};                        // of use only without problems
  std::vector<ConfigProblem> problems{};  // in the order of the file
};

// Reads a file and tells every problem in it. Throws nothing because of the file, not even when it
// is missing.
GANTRY_API ConfigReport check_config(const std::filesystem::path& file);

// Reads a file; throws ConfigurationError with the first problem.
GANTRY_API Config load_config(const std::filesystem::path& file);

// The same from text; `file` is what places are named after and relative paths are relative to.
GANTRY_API ConfigReport parse_config(std::string_view text, const std::filesystem::path& file);

// Reads a routing file of oslo.messaging's: groups of drivers with their rules. Throws
// ConfigurationError with the first problem; check_config tells every one, of the file that the
// configuration names.
GANTRY_API RoutingTable load_routing_table(const std::filesystem::path& file);

}  // namespace gantry
