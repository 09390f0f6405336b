// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "frames.hpp"
#include "gantry/error.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// Expands a compressed body where that is allowed. Throws SerializationError for what cannot be a
// message of the protocol whatever its body says: too long, of a foreign content type, compressed
// in a way that is not accepted.
void make_readable(Delivery& delivery, const Settings& settings);

// One line about a delivery that is rejected, with the beginning of its body.
void log_unreadable(std::string_view kind, const Delivery& delivery,
                    const MessagingException& error);

}  // namespace gantry::rabbit
