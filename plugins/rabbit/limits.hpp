// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "publish.hpp"
#include "settings.hpp"

// What AMQP cannot carry, or the broker answers by closing the connection, is refused before it is
// sent. All of it throws InvalidArgument.
namespace gantry::rabbit {

// `what`: "queue", for the text. At most 255 bytes.
void check_name(std::string_view what, std::string_view name);

// Names, headers (100 of them, 64 KiB together; reliability §5), and the length of the body.
void check_sendable(const Publish::Content& content, const Settings& settings);

}  // namespace gantry::rabbit
