// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load.hpp"

namespace bench {

// One call at a time on rabbitmq-c with all that a call through gantry is to the broker and to the
// scheduler: as many bytes, the same properties, a topic exchange, a time to live, a connection
// each for what is sent and what is received on both sides, a worker, and a thread that takes the
// replies. What gantry needs beyond this is its own.
[[noreturn]] void serve_alike(const Task& task);  // ends with the process
[[noreturn]] void call_alike(const Task& task);

}  // namespace bench
