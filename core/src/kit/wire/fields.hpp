// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gantry/kit/wire.hpp"
#include "gantry/value.hpp"

namespace gantry::wire {

inline constexpr std::string_view kContextPrefix = "_context_";
inline constexpr std::string_view kContext = "_context";  // on Kafka
inline constexpr std::string_view kMsgId = "_msg_id";
inline constexpr std::string_view kReplyQ = "_reply_q";
inline constexpr std::string_view kTimeout = "_timeout";
inline constexpr std::string_view kUniqueId = "_unique_id";

// One of the keys above, or a flattened context entry. Other keys that begin with an underscore
// mean nothing to the protocol.
bool is_protocol_key(std::string_view key) noexcept;

// What Python's `if` makes of a value: null, false, zero and everything empty are not.
bool is_truthy(const Value& value) noexcept;

// The text under `key`; empty where it is absent or null. Throws SerializationError for other
// kinds.
std::string text_field(const Object& inner, std::string_view key);

// `_timeout` ⇄ milliseconds. Python takes seconds as a number or as text that reads as one; what
// is not positive, or no number, means no monitor.
Value seconds(std::chrono::milliseconds duration);
std::optional<std::chrono::milliseconds> monitor_interval(const Value& seconds);

// Takes an inner object apart: the context's entries, the protocol's ids, and, as the body, the
// rest.
Request take_apart(Object inner);

}  // namespace gantry::wire
