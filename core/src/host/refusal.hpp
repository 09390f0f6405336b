// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/host/driver_load_failure.hpp"

namespace gantry {

// Thrown by the checks of a plugin's file. The text goes on from the file's name: "/…/x.so: it is
// …".
struct Refusal {
  DriverLoadFailure::Reason reason;
  std::string text;
};

}  // namespace gantry
