// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "gantry/export.hpp"
#include "gantry/notify/filter.hpp"
#include "gantry/notify/notification.hpp"
#include "gantry/notify/priority.hpp"

namespace gantry {

enum class NotificationResult {
  handled,
  requeue,  // give it back, to be delivered again
  // Neither: the backend keeps it, for whoever listens once this listener has ended, and sooner
  // where it can requeue. Over Kafka all that follows in its partition comes again with it.
  leave,
};

// What a listener does with notifications: a function for each priority that it wants, and a filter
// that decides first. Build it before the listener starts; then many threads read it at once.
//
//   gantry::NotificationEndpoint events;
//   events.on(gantry::Priority::info, [](const gantry::Notification& event) { … });
class GANTRY_API NotificationEndpoint {
 public:
  // One result for each notification.
  using Results = std::vector<NotificationResult>;
  using Handler = std::function<Results(std::span<const Notification>)>;

  // One notification at a time. The function returns nothing or a NotificationResult; what it
  // throws is logged and counts as requeue. A second function for a priority replaces the first.
  template <class Function>
  requires std::invocable<Function&, const Notification&> NotificationEndpoint& on(
      Priority priority, Function function) {
    return set(priority,
               [function = std::move(function)](std::span<const Notification> group) mutable {
                 Results results;
                 for (const auto& each : group) results.push_back(result_of(function, each));
                 return results;
               });
  }

  // All of a batch that have the priority and pass the filter. The function returns nothing, one
  // result for all, or a Results with one for each.
  template <class Function>
  requires std::invocable<Function&, std::span<const Notification>> NotificationEndpoint& on_batch(
      Priority priority, Function function) {
    return set(priority,
               [function = std::move(function)](std::span<const Notification> group) mutable {
                 using Returned = std::invoke_result_t<Function&, std::span<const Notification>>;
                 if constexpr (std::same_as<Returned, Results>) {
                   return function(group);
                 } else {
                   return Results(group.size(), result_of(function, group));
                 }
               });
  }

  NotificationEndpoint& filter(NotificationFilter filter);

  bool wants(const Notification& notification) const;
  const Handler* handler(Priority priority) const;  // null: it does not want any

 private:
  template <class Function, class Argument>
  static NotificationResult result_of(Function& function, const Argument& argument) {
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, const Argument&>>) {
      function(argument);
      return NotificationResult::handled;
    } else {
      return function(argument);
    }
  }
  NotificationEndpoint& set(Priority priority, Handler handler);

  std::array<Handler, kPriorities.size()> handlers_{};
  std::optional<NotificationFilter> filter_{};
};

}  // namespace gantry
