// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gantry/gantry.hpp>

#include "load.hpp"

namespace bench {

// Nobody listens to these: what is measured is how fast the broker has them.
void notify_blocking(gantry::Transport& bus, const Task& task);
void notify_async(gantry::Transport& bus, const Task& task);   // each end begins the next
void notify_window(gantry::Transport& bus, const Task& task);  // one thread begins them all

// The first one of a new transport, from when that is open.
void notify_first(const Task& task);

// Takes them from a topic that was filled before; from the first that is handled to the last.
void drain(gantry::Transport& bus, const Task& task);

}  // namespace bench
