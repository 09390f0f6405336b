// SPDX-License-Identifier: Apache-2.0
#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/incoming_message.hpp"
#include "gantry/driver/listener.hpp"

// Out of line, so that each interface has one type_info, in libgantry.
namespace gantry {

BaseDriver::~BaseDriver() = default;
IncomingMessage::~IncomingMessage() = default;
Listener::~Listener() = default;
PollStyleListener::~PollStyleListener() = default;

}  // namespace gantry
