// SPDX-License-Identifier: Apache-2.0
#include "gantry/host/driver_load_failure.hpp"

#include <utility>

namespace gantry {

DriverLoadFailure::DriverLoadFailure(Reason reason, std::string driver, const std::string& what)
    : MessagingException(what), reason_(reason), driver_(std::move(driver)) {}

DriverLoadFailure::~DriverLoadFailure() = default;

}  // namespace gantry
