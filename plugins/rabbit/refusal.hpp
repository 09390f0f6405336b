// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

#include "fault.hpp"

namespace gantry::rabbit {

// What it means for an operation that the broker closed the channel: AccessRefused (403),
// EntityNotFound (404), TopologyMismatch (406 at a declaration), MessageDeliveryFailure (406 for a
// message that is too long), else TransportDriverError. `what` is the error's text, to which what
// can be done about it is added.
std::exception_ptr refusal(const std::string& what, const ChannelClosed& closed);

}  // namespace gantry::rabbit
