// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "gantry/notify/endpoint.hpp"
#include "gantry/notify/notification.hpp"
#include "gantry/serializer.hpp"

namespace gantry {

// Gives notifications to the endpoints that want them (semantics NDSP). Without state between
// batches.
class NotificationDispatcher {
 public:
  NotificationDispatcher(std::vector<NotificationEndpoint> endpoints,
                         std::shared_ptr<const Serializer> serializer);

  // The priorities that an endpoint has a function for.
  std::vector<Priority> priorities() const;

  // One result for each message. Messages are worked off in groups of one priority, in the order of
  // the first of each group. A message that an endpoint wants back is not shown to the later ones.
  // [any thread]
  std::vector<NotificationResult> dispatch(const std::vector<const Message*>& batch) const noexcept;

 private:
  struct Pending {
    std::size_t index;  // in the batch
    Notification notification;
  };

  Notification decoded(const Message& message) const;
  static void run(const NotificationEndpoint& endpoint, Priority priority,
                  std::vector<Pending>& group, std::vector<NotificationResult>& results);

  const std::vector<NotificationEndpoint> endpoints_;
  const std::shared_ptr<const Serializer> serializer_;  // shared with whoever made the listener
};

}  // namespace gantry
