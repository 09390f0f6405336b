// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "frames.hpp"
#include "gantry/error.hpp"
#include "gantry/ledger.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// Expands a compressed body where that is allowed. Throws SerializationError for what cannot be a
// message of the protocol whatever its body says: too long, of a foreign content type, compressed
// in a way that is not accepted.
void make_readable(Delivery& delivery, const Settings& settings);

// Counts a delivery that is rejected, and logs it with the beginning of its body.
void note_unreadable(std::string_view kind, const Delivery& delivery, std::string_view queue,
                     const MessagingException& error, Ledger& ledger);

}  // namespace gantry::rabbit
