// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "gantry/driver/features.hpp"

namespace gantry::conformance {

struct Lab;

using Feature = bool Features::*;
inline constexpr Feature kRpc = &Features::rpc;
inline constexpr Feature kNotifications = &Features::notifications;
inline constexpr Feature kPools = &Features::pools;
inline constexpr Feature kRequeue = &Features::requeue;
inline constexpr Feature kCallMonitor = &Features::call_monitor;
inline constexpr Feature kAtLeastOnce = &Features::at_least_once;
inline constexpr Feature kFanoutByExchange = &Features::fanout_by_exchange;

std::string_view name_of(Feature feature) noexcept;

// One requirement shown on a driver. It throws what does not hold (check.hpp), and waits for
// nothing without a limit.
struct Case {
  std::string_view name;         // "DRV_4 a fanout reaches each server once": ids, a sentence
  std::array<Feature, 2> needs;  // skipped where one of them is missing
  void (*run)(Lab& lab);
  Feature only_without = nullptr;  // left out where the driver has it
};

// The cases of one subject.
struct Theme {
  std::string_view name;
  std::span<const Case> cases;
};

Theme addressing();
Theme bad_input();
Theme balance();
Theme batch();
Theme concurrency();
Theme deadline();
Theme events();
Theme fanout();
Theme leaks();
Theme lifecycle();
Theme monitor();
Theme notifications();
Theme ordering();
Theme pools();
Theme reply();
Theme requeue();
Theme unsupported();

std::vector<Theme> all_themes();

}  // namespace gantry::conformance
