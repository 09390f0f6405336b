// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/driver/incoming_message.hpp"
#include "gantry/export.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/message.hpp"

// Messages that do not leave the process: what the other side would read had they been written and
// read (kit/wire.hpp), without the text between. Nothing is shared with the sender, and what cannot
// be written is refused with the same words. Functions without state, for any thread.
namespace gantry::wire {

// decode_request(encode_request(request, …)).message; throws SerializationError as that does. The
// headers, which travel beside the body, stay.
GANTRY_API Message pass(Message request);

// decode_reply(encode_reply(reply, msg_id, …)), without an id of its own: it ends the call, and
// what comes after an end is dropped anyway.
GANTRY_API ReplyBody pass(Reply reply, std::string msg_id);

}  // namespace gantry::wire
