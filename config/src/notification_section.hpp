// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/config.hpp"
#include "reader.hpp"

namespace gantry {

// `notifications:`; `config` has the transports that it may name.
NotificationConfig read_notifications(Reader& reader, const Cursor& at, const Config& config);

}  // namespace gantry
