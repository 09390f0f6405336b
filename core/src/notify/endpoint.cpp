// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/endpoint.hpp"

namespace gantry {

NotificationEndpoint& NotificationEndpoint::filter(NotificationFilter filter) {
  filter_ = std::move(filter);
  return *this;
}

bool NotificationEndpoint::wants(const Notification& notification) const {
  return !filter_ || filter_->matches(notification);
}

const NotificationEndpoint::Handler* NotificationEndpoint::handler(Priority priority) const {
  const auto& handler = handlers_[static_cast<std::size_t>(priority)];
  return handler ? &handler : nullptr;
}

NotificationEndpoint& NotificationEndpoint::set(Priority priority, Handler handler) {
  handlers_[static_cast<std::size_t>(priority)] = std::move(handler);
  return *this;
}

}  // namespace gantry
