// SPDX-License-Identifier: Apache-2.0
#include "timeline_text.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

namespace gantry::cli {
namespace {

constexpr std::array<std::pair<Stage, std::string_view>, kStages> kNames{{
    {Stage::accepted, "accepted"},
    {Stage::connected, "pool"},
    {Stage::blocked, "blocked"},
    {Stage::sent, "sent"},
    {Stage::confirmed, "confirmed"},
    {Stage::handling, "handling"},
    {Stage::replied, "reply"},
}};

}  // namespace

std::string timeline_text(const Timeline& timeline, Timeline::Clock::time_point start) {
  std::string text = "timeline:";
  for (const auto& [stage, name] : kNames) {
    const auto at = timeline.at(stage);
    if (!at) continue;
    const std::chrono::duration<double, std::milli> since = *at - start;
    text += fmt::format("\n  {:<10}{:>10.3f} ms", name, since.count());
  }
  return text;
}

}  // namespace gantry::cli
