// SPDX-License-Identifier: Apache-2.0
#include "listening.hpp"

#include <fmt/core.h>

#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "output.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t kLongestPayload = 2000;  // of what is shown to people, in bytes

std::string priority_text(const Notification& notification) {
  const auto priority = priority_of(notification.priority);
  return priority ? std::string(to_string(*priority)) : notification.priority;
}

// The order of the keys is part of the command's contract.
Object object_of(const Notification& notification) {
  return {{"priority", priority_text(notification)}, {"publisher_id", notification.publisher_id},
          {"event_type", notification.event_type},   {"payload", notification.payload},
          {"message_id", notification.message_id},   {"timestamp", notification.timestamp},
          {"context", notification.context}};
}

// Columns as a table has them, but a line at a time.
std::string line_of(const Notification& notification) {
  const auto* const layout = stdout_is_terminal() ? "{:<8}  {}  {}  {}  {}" : "{}\t{}\t{}\t{}\t{}";
  return fmt::format(fmt::runtime(layout), priority_text(notification),
                     presentable(notification.publisher_id), presentable(notification.event_type),
                     printable(presentable(to_json(notification.payload)), kLongestPayload),
                     presentable(notification.message_id));
}

}  // namespace

NotificationEndpoint::Results Listening::take(std::span<const Notification> group) {
  const std::lock_guard lock(mutex_);
  NotificationEndpoint::Results results;
  for (const auto& notification : group) results.push_back(take(notification));
  return results;
}

NotificationResult Listening::take(const Notification& notification) {
  const auto& id = notification.message_id;
  if (is_enough() || !stdout_is_sound()) return rules_.spare;
  if (rules_.requeue_once && !id.empty() && given_back_.erase(id) == 0) {
    given_back_.insert(id);
    return NotificationResult::requeue;
  }
  if (rules_.json) {
    print(object_of(notification));
  } else {
    print(line_of(notification));
  }
  const bool sound = stdout_is_sound();
  if (sound) ++printed_;
  if (!sound || is_enough()) {
    stopped_ = true;
    changed_.notify_all();
  }
  return sound ? NotificationResult::handled : rules_.spare;
}

void Listening::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool Listening::wait(Deadline deadline) {
  std::unique_lock lock(mutex_);
  return deadline.wait(changed_, lock, [this] { return stopped_; });
}

std::size_t Listening::printed() const {
  const std::lock_guard lock(mutex_);
  return printed_;
}

}  // namespace gantry::cli
