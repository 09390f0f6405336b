// SPDX-License-Identifier: Apache-2.0
#include "driver_text.hpp"
#include "gantry/host/driver_manager.hpp"
#include "output.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

std::string_view state_name(DriverInfo::State state) {
  switch (state) {
    case DriverInfo::State::available:
      return "available";
    case DriverInfo::State::shadowed:
      return "shadowed";
    case DriverInfo::State::refused:
      return "refused";
  }
  return "unknown";
}

std::string state_text(const DriverInfo& driver) {
  const std::string state(state_name(driver.state));
  return driver.reason.empty() ? state : state + ": " + driver.reason;
}

Table::Row row_of(const DriverInfo& driver) {
  Table::Row row{driver.name};
  const DriverDescriptor* known = driver.descriptor;
  row.emplace_back(known != nullptr ? known->version : "-");
  row.emplace_back(known != nullptr ? abi_text() : "-");
  row.emplace_back(known != nullptr ? known->schemes : "-");
  for (const Capability& capability : kCapabilities) {
    row.emplace_back(known == nullptr ? "-" : known->features.*capability.flag ? "yes" : "no");
  }
  row.emplace_back(known != nullptr && !known->client_library.empty() ? known->client_library
                                                                      : "-");
  row.push_back(driver.file.empty() ? "-" : driver.file.string());
  row.push_back(state_text(driver));
  return row;
}

void print_table(const DriverManager& drivers) {
  Table::Row titles{"DRIVER", "VERSION", "ABI", "SCHEMES"};
  for (const Capability& capability : kCapabilities) titles.emplace_back(capability.title);
  titles.insert(titles.end(), {"LIBRARY", "FILE", "STATE"});
  Table table(std::move(titles));
  for (const DriverInfo& driver : drivers.list()) table.add(row_of(driver));
  table.print();
  for (const PluginDirectory& directory : drivers.directories()) {
    note("searched: " + directory.path.string() + " (" + directory.source + ")");
  }
}

Object object_of(const DriverInfo& driver) {
  Object object{{"type", "driver"}, {"driver", driver.name}};
  if (driver.descriptor != nullptr) {
    for (auto& [key, value] : describe(*driver.descriptor)) object.emplace(key, std::move(value));
  }
  if (!driver.file.empty()) object["file"] = driver.file.string();
  object["found_by"] = driver.found_by;
  object["state"] = state_name(driver.state);
  if (!driver.reason.empty()) object["reason"] = driver.reason;
  return object;
}

void print_objects(const DriverManager& drivers) {
  for (const DriverInfo& driver : drivers.list()) print(object_of(driver));
  for (const PluginDirectory& directory : drivers.directories()) {
    print(Object{{"type", "directory"},
                 {"directory", directory.path.string()},
                 {"source", directory.source}});
  }
}

ExitCode list(const Globals& globals) {
  const DriverManager drivers(driver_settings(read_config(globals)));
  globals.json ? print_objects(drivers) : print_table(drivers);
  return ExitCode::done;
}

ExitCode show(const std::string& name, const Globals& globals) {
  const DriverManager drivers(driver_settings(read_config(globals)));
  const DriverDescriptor& driver = drivers.find(name);
  if (!globals.json) {
    print_description(driver);
    return ExitCode::done;
  }
  Object object = describe(driver);
  object["options"] = describe_options(driver.options);
  print(object);
  return ExitCode::done;
}

}  // namespace

Verb add_drivers(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand(
      "drivers",
      "list the drivers found, the refused ones with the reason, and where was searched");
  verb->require_subcommand(0, 1);
  auto* one = verb->add_subcommand("show", "what a driver can do, and all its options");
  auto name = std::make_shared<std::string>();  // shared with the parsed option and the verb
  one->add_option("NAME", *name, "the driver, by any of its schemes")->required();
  return {verb,
          [one, name, &globals] { return one->parsed() ? show(*name, globals) : list(globals); }};
}

}  // namespace gantry::cli
