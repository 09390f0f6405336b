// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "gantry/export.hpp"
#include "gantry/message.hpp"
#include "gantry/value.hpp"

namespace gantry {

// An event that somebody tells, and others may want to know (NTF-2).
struct Notification {
  std::string event_type{};    // "compute.instance.create.end"
  Value payload{};             // what happened; an object by convention
  std::string publisher_id{};  // "compute.host-1"
  std::string priority{};      // "INFO", as it was sent
  std::string message_id{};    // a UUID, the same in every driver and topic
  std::string timestamp{};     // "2026-01-31 12:00:00.123456", UTC
  Object context{};

  friend bool operator==(const Notification&, const Notification&) = default;
};

// As it travels: the six keys of the body, and the context beside it. [any thread, as the next]
GANTRY_API Message message_of(Notification notification);
// What is missing or of another type is left empty: a listener decides what it makes of that.
GANTRY_API Notification notification_of(const Message& message);

// "YYYY-MM-DD HH:MM:SS.ffffff" in UTC, without the fraction where that is zero.
GANTRY_API std::string timestamp_of(std::chrono::system_clock::time_point time);

}  // namespace gantry
