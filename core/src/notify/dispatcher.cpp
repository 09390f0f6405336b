// SPDX-License-Identifier: Apache-2.0
#include "dispatcher.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "../exception_text.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

// What the endpoint made of the group; all of it comes back when it threw.
NotificationEndpoint::Results results_of(const NotificationEndpoint::Handler& handler,
                                         const std::vector<Notification>& group) try {
  auto results = handler(group);
  if (results.size() == group.size()) return results;
  throw InvalidArgument("the endpoint gave " + std::to_string(results.size()) + " results for " +
                        std::to_string(group.size()) + " notifications");
} catch (...) {
  log(LogLevel::error, "an endpoint failed on '" + printable(group.front().event_type, 200) +
                           "': " + text_of(std::current_exception()));
  return NotificationEndpoint::Results(group.size(), NotificationResult::requeue);
}

}  // namespace

NotificationDispatcher::NotificationDispatcher(std::vector<NotificationEndpoint> endpoints,
                                               std::shared_ptr<const Serializer> serializer)
    : endpoints_(std::move(endpoints)), serializer_(std::move(serializer)) {}

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
  if (serializer_) {
    notification.context = serializer_->deserialize_context(notification.context);
    notification.payload =
        serializer_->deserialize_entity(notification.context, notification.payload);
  }
  return notification;
}

std::vector<NotificationDispatcher::Verdict> NotificationDispatcher::dispatch(
    std::vector<Delivery> batch) const noexcept {
  std::vector<Verdict> verdicts(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    verdicts[i].handled_by = std::move(batch[i].handled_by);
  }
  for (const auto& group : grouped(batch, verdicts)) {
    for (std::size_t endpoint = 0; endpoint < endpoints_.size(); ++endpoint) run(endpoint, group);
  }
  return verdicts;
}

// By priority, the group of the first message first. One that cannot be read wants to come again
// (NDSP-9), one of an unknown priority is passed over (NDSP-4).
std::vector<NotificationDispatcher::Group> NotificationDispatcher::grouped(
    const std::vector<Delivery>& batch, std::vector<Verdict>& verdicts) const {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    try {
      auto notification = decoded(batch[i].message);
      const auto priority = priority_of(notification.priority);
      if (!priority) {
        log(LogLevel::warning, "a notification of the unknown priority '" +
                                   printable(notification.priority, 80) + "' is passed over");
        continue;
      }
      auto group = std::ranges::find(groups, *priority, &Group::priority);
      if (group == groups.end()) group = groups.insert(group, {*priority});
      group->members.push_back({std::move(notification), &verdicts[i]});
    } catch (...) {
      log(LogLevel::error, "a notification cannot be read: " + text_of(std::current_exception()));
      verdicts[i].result = NotificationResult::requeue;
    }
  }
  return groups;
}

void NotificationDispatcher::run(std::size_t endpoint, const Group& group) const {
  const auto* const handler = endpoints_[endpoint].handler(group.priority);
  if (handler == nullptr) return;
  std::vector<Verdict*> verdicts;
  std::vector<Notification> wanted;
  for (const auto& [notification, verdict] : group.members) {
    if (verdict->result != NotificationResult::handled ||
        std::ranges::count(verdict->handled_by, endpoint) != 0 ||
        !endpoints_[endpoint].wants(notification)) {
      continue;
    }
    verdicts.push_back(verdict);
    wanted.push_back(notification);
  }
  if (wanted.empty()) return;
  const auto results = results_of(*handler, wanted);
  for (std::size_t i = 0; i < results.size(); ++i) {
    verdicts[i]->result = results[i];
    if (results[i] == NotificationResult::handled) verdicts[i]->handled_by.push_back(endpoint);
  }
}

}  // namespace gantry
