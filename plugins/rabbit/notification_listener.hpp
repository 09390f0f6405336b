// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "gantry/driver/listener.hpp"
#include "gantry/driver/send_options.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// Listens to `topic.priority` of each subscription; with a pool, through the one queue of that name
// that is bound to all of them (wire §8). As BaseDriver::listen_for_notifications.
std::unique_ptr<Listener> listen_notifications(std::shared_ptr<const Settings> settings,
                                               std::span<const Subscription> subscriptions,
                                               std::string_view pool, const BatchOptions& batch,
                                               Deadline deadline);

}  // namespace gantry::rabbit
