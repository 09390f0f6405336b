// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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
  using Endpoints = std::vector<std::size_t>;  // their places in the listener's order

  struct Delivery {
    const Message& message;
    Endpoints handled_by{};  // these endpoints do not see it again
  };
  struct Verdict {
    NotificationResult result = NotificationResult::handled;
    Endpoints handled_by{};
  };

  NotificationDispatcher(std::vector<NotificationEndpoint> endpoints,
                         std::shared_ptr<const Serializer> serializer);

  // The priorities that an endpoint has a function for.
  std::vector<Priority> priorities() const;

  // One verdict for each delivery. Messages are worked off in groups of one priority, in the order
  // of the first of each group. A message that an endpoint wants back is not shown to the later
  // ones. [any thread]
  std::vector<Verdict> dispatch(std::vector<Delivery> batch) const noexcept;

 private:
  struct Pending {
    Notification notification;
    Verdict* verdict;
  };
  struct Group {
    Priority priority;
    std::vector<Pending> members{};
  };

  Notification decoded(const Message& message) const;
  std::vector<Group> grouped(const std::vector<Delivery>& batch,
                             std::vector<Verdict>& verdicts) const;
  void run(std::size_t endpoint, const Group& group) const;

  const std::vector<NotificationEndpoint> endpoints_;
  const std::shared_ptr<const Serializer> serializer_;  // null: nothing is changed
};

}  // namespace gantry
