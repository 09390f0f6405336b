// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load.hpp"

namespace bench {

// Blocking calls of several threads over one connection on rabbitmq-c: one thread owns it, takes
// the requests from a queue, writes those that have gathered under one TCP_CORK, and gives each
// reply to its caller.
[[noreturn]] void call_over_one_connection(const Task& task);  // ends with the process

}  // namespace bench
