// SPDX-License-Identifier: Apache-2.0
#include "gantry/host/driver_manager.hpp"

#include <exception>
#include <utility>

#include "driver_registry.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

using Reason = DriverLoadFailure::Reason;

std::string prefix(const TransportConfig& config) {
  return config.where.empty() ? "" : config.where + ": ";
}

TransportUrl parse_url(const TransportConfig& config) try {
  return TransportUrl::parse(config.url);
} catch (const InvalidTransportURL& error) {
  if (config.where.empty()) throw;
  throw ConfigurationError(prefix(config) + error.what());
}

FoundDriver find_driver(const DriverRegistry& drivers, const std::string& scheme,
                        const TransportConfig& config) try {
  return drivers.find(scheme);
} catch (const DriverLoadFailure& error) {
  if (config.where.empty()) throw;
  throw DriverLoadFailure(error.reason(), error.driver(), prefix(config) + error.what());
}

// An option that a configuration calls by its old name gets the new one, and a word (CFG-8).
void rename(OptionSetting& setting, std::span<const OptionSpec> specs) {
  for (const auto& spec : specs) {
    if (spec.old_name.empty() || spec.old_name != setting.name) continue;
    log(LogLevel::warning, setting.where + ": the option '" + setting.name + "' is now called '" +
                               std::string(spec.name) + "'");
    setting.name = spec.name;
    return;
  }
}

// What the URL's query says comes last and so wins (OVR-1).
std::vector<OptionSetting> settings_of(const TransportUrl& url, const TransportConfig& config,
                                       std::span<const OptionSpec> specs) {
  auto settings = config.options;
  for (auto& setting : settings) rename(setting, specs);
  for (const auto& [name, text] : url.query) {
    settings.push_back({name, text, prefix(config) + "in the URL's query", config.url_secret});
  }
  return settings;
}

// The factory is a plugin's code: what it throws comes out as gantry's, naming driver and file.
std::unique_ptr<BaseDriver> make(const FoundDriver& driver, const DriverContext& context,
                                 const std::string& where) {
  const auto failure = [&](const std::string& why) {
    const auto file = driver.file.empty() ? "linked into the program" : driver.file.native();
    return DriverLoadFailure(
        Reason::create_failed, context.url.transport,
        where + "driver '" + driver.name + "' (" + file + ") could not be made: " + why);
  };
  if (driver.descriptor->create == nullptr) throw failure("it has no factory");
  try {
    if (auto made = driver.descriptor->create(context)) return made;
  } catch (const MessagingException&) {
    throw;
  } catch (const std::exception& error) {
    std::throw_with_nested(failure(error.what()));
  } catch (...) {
    std::throw_with_nested(failure("it threw something that is no std::exception"));
  }
  throw failure("its factory returned nothing");
}

}  // namespace

DriverManager::DriverManager() : DriverManager(Settings{}) {}
DriverManager::DriverManager(Settings settings)
    : registry_(std::make_unique<DriverRegistry>(PluginPath::find(settings.plugin_path))) {}
DriverManager::~DriverManager() = default;

void DriverManager::add(const DriverDescriptor& descriptor) { registry_->add(descriptor); }

Transport DriverManager::open(const TransportConfig& config) const {
  const auto url = parse_url(config);
  const auto driver = find_driver(*registry_, url.transport, config);
  const auto specs = driver.descriptor->options;
  const auto options = Options::resolve(specs, settings_of(url, config, specs));
  const auto ledger = std::make_shared<Ledger>();
  auto made = make(driver, {url, options, config.exchange, ledger}, prefix(config));
  return Transport(std::move(made), {.url = url,
                                     .default_exchange = config.exchange,
                                     .rpc_response_timeout = config.rpc_response_timeout,
                                     .executor_thread_pool_size = config.executor_thread_pool_size,
                                     .rpc_ping_enabled = config.rpc_ping_enabled,
                                     .ledger = ledger});
}

const DriverDescriptor& DriverManager::find(std::string_view scheme) const {
  return *registry_->find(scheme).descriptor;
}

std::vector<DriverInfo> DriverManager::list() const { return registry_->list(); }

std::vector<PluginDirectory> DriverManager::directories() const {
  return registry_->path().directories;
}

}  // namespace gantry
