// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "gantry/export.hpp"
#include "gantry/host/driver_load_failure.hpp"
#include "gantry/options.hpp"
#include "gantry/transport.hpp"

namespace gantry {

class DriverRegistry;

// What an application may say when it opens a transport, beyond the URL.
struct TransportConfig {
  std::string url = "rabbit://";
  std::string exchange = "openstack";  // the default exchange (control_exchange)
  // The driver's options, of lower rank than the URL's query. `where` of each stands in error
  // texts.
  std::vector<OptionSetting> options{};
  std::chrono::milliseconds rpc_response_timeout{60'000};
  std::size_t executor_thread_pool_size = 64;  // of each of its RpcServers
  bool rpc_ping_enabled = false;               // the same
  std::string where{};  // where the URL was written, for error texts; empty: given by the program
  bool url_secret = false;  // part of the URL came from a secret: its query is not repeated either
};

// A file (or a descriptor that is linked in) that offers a driver, as `gantry drivers` lists it.
struct DriverInfo {
  enum class State { available, shadowed, refused };

  std::string name;  // the scheme of the file's name; for a linked driver its first scheme
  std::filesystem::path file{};  // empty: linked into the program
  std::string found_by{};  // "GANTRY_PLUGIN_PATH", "configuration", "beside libgantry", "program"
  State state = State::available;
  std::string reason{};                          // why it is refused, or what shadows it
  const DriverDescriptor* descriptor = nullptr;  // null unless the file was opened; valid for ever
};

// Where drivers are looked for, in order: the directories of GANTRY_PLUGIN_PATH (separated by ":")
// when it is set, else those of the configuration, else gantry/drivers beside libgantry. The
// variable is read when the manager is made, and not at all by a program that runs with more rights
// than its user. Relative directories are ignored.
struct PluginDirectory {
  std::filesystem::path path;
  std::string source;  // as DriverInfo::found_by
};

// Finds and opens drivers (architecture §4). An object that `main` makes; independent ones do not
// know of each other. A driver's file is checked before it is opened, opened once, and never
// unloaded. Every method is for any thread.
class GANTRY_API DriverManager {
 public:
  struct Settings {
    std::vector<std::filesystem::path> plugin_path{};  // of the configuration; absolute
  };

  DriverManager();
  explicit DriverManager(Settings settings);
  DriverManager(const DriverManager&) = delete;
  ~DriverManager();

  // Registers a driver linked into the program; it comes before any file. Throws DriverLoadFailure
  // (duplicate) when one of its schemes is registered already. The descriptor is a constant that
  // outlives the manager.
  void add(const DriverDescriptor& descriptor);

  // Opens a transport; connects to nothing. The URL's query wins over config.options, those over
  // the driver's defaults. Throws InvalidTransportURL (ConfigurationError where config.where names
  // the URL's place), DriverLoadFailure, ConfigurationError for an option that the driver does not
  // have or a value that it does not take, and what the driver's factory throws of gantry's errors.
  Transport open(std::string_view url) const {
    return open(TransportConfig{.url = std::string(url)});
  }
  Transport open(const TransportConfig& config) const;

  // The driver of a scheme ("rabbit", "rabbit+tls"); opens its file if need be. Throws
  // DriverLoadFailure.
  const DriverDescriptor& find(std::string_view scheme) const;

  // Every candidate, refused and shadowed ones included; of refused files no code runs.
  std::vector<DriverInfo> list() const;
  std::vector<PluginDirectory> directories() const;

 private:
  std::unique_ptr<DriverRegistry> registry_;
};

}  // namespace gantry
