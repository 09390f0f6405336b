// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "gantry/driver/descriptor.hpp"
#include "gantry/value.hpp"

namespace gantry::cli {

// A capability under its name in JSON, its title in tables, and its place in Features.
struct Capability {
  std::string_view name;
  std::string_view title;
  bool Features::*flag;
};

inline constexpr std::array kCapabilities{
    Capability{"rpc", "RPC", &Features::rpc},
    Capability{"notifications", "NOTIFY", &Features::notifications},
    Capability{"pools", "POOLS", &Features::pools},
    Capability{"requeue", "REQUEUE", &Features::requeue},
    Capability{"call_monitor", "MONITOR", &Features::call_monitor},
    Capability{"at_least_once", "AT_LEAST_ONCE", &Features::at_least_once},
    Capability{"fanout_by_exchange", "FANOUT_BY_EXCHANGE", &Features::fanout_by_exchange},
};

// The number of the plugin ABI, the same for every driver that this host opened.
std::string_view abi_text();

Object describe(const DriverDescriptor& driver);
Array describe_options(std::span<const OptionSpec> options);
void print_description(const DriverDescriptor& driver);

}  // namespace gantry::cli
