// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/failure.hpp"
#include "gantry/json.hpp"

namespace gantry::wire {

// The JSON object of a failure, at the writer's level.
void write_failure(JsonWriter& json, const Failure& failure);

}  // namespace gantry::wire
