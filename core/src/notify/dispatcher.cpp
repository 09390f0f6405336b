// SPDX-License-Identifier: Apache-2.0
#include "dispatcher.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

std::string text_of_current_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

// What the endpoint made of the group; all of it comes back when it threw.
NotificationEndpoint::Results results_of(const NotificationEndpoint::Handler& handler,
                                         const std::vector<Notification>& group) try {
  auto results = handler(group);
  if (results.size() == group.size()) return results;
  throw InvalidArgument("the endpoint gave " + std::to_string(results.size()) + " results for " +
                        std::to_string(group.size()) + " notifications");
} catch (...) {
  log(LogLevel::error, "an endpoint failed on '" + printable(group.front().event_type, 200) +
                           "': " + text_of_current_exception());
  return NotificationEndpoint::Results(group.size(), NotificationResult::requeue);
}

}  // namespace

NotificationDispatcher::NotificationDispatcher(std::vector<NotificationEndpoint> endpoints,
                                               std::shared_ptr<const Serializer> serializer)
    : endpoints_(std::move(endpoints)),
      serializer_(serializer ? std::move(serializer) : std::make_shared<NoOpSerializer>()) {}

std::vector<Priority> NotificationDispatcher::priorities() const {
  std::vector<Priority> wanted;
  std::ranges::copy_if(kPriorities, std::back_inserter(wanted), [this](Priority priority) {
    return std::ranges::any_of(endpoints_, [&](const NotificationEndpoint& endpoint) {
      return endpoint.handler(priority) != nullptr;
    });
  });
  return wanted;
}

Notification NotificationDispatcher::decoded(const Message& message) const {
  auto notification = notification_of(message);
  notification.context = serializer_->deserialize_context(notification.context);
  notification.payload =
      serializer_->deserialize_entity(notification.context, notification.payload);
  return notification;
}

std::vector<NotificationResult> NotificationDispatcher::dispatch(
    const std::vector<const Message*>& batch) const noexcept {
  std::vector<NotificationResult> results(batch.size(), NotificationResult::handled);
  std::vector<std::pair<Priority, std::vector<Pending>>> groups;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    try {
      auto notification = decoded(*batch[i]);
      const auto priority = priority_of(notification.priority);
      if (!priority) {
        log(LogLevel::warning, "a notification of the unknown priority '" +
                                   printable(notification.priority, 80) + "' is passed over");
        continue;
      }
      auto group = std::ranges::find(groups, *priority, &decltype(groups)::value_type::first);
      if (group == groups.end()) group = groups.insert(groups.end(), {*priority, {}});
      group->second.push_back({i, std::move(notification)});
    } catch (...) {
      log(LogLevel::error, "a notification cannot be read: " + text_of_current_exception());
      results[i] = NotificationResult::requeue;
    }
  }
  for (auto& [priority, group] : groups) {
    for (const auto& endpoint : endpoints_) run(endpoint, priority, group, results);
  }
  return results;
}

void NotificationDispatcher::run(const NotificationEndpoint& endpoint, Priority priority,
                                 std::vector<Pending>& group,
                                 std::vector<NotificationResult>& results) {
  const auto* const handler = endpoint.handler(priority);
  if (handler == nullptr) return;
  std::vector<std::size_t> indices;
  std::vector<Notification> wanted;
  for (const auto& [index, notification] : group) {
    if (results[index] == NotificationResult::requeue || !endpoint.wants(notification)) continue;
    indices.push_back(index);
    wanted.push_back(notification);
  }
  if (wanted.empty()) return;
  const auto given = results_of(*handler, wanted);
  for (std::size_t i = 0; i < given.size(); ++i) results[indices[i]] = given[i];
}

}  // namespace gantry
