// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/config.hpp"
#include "reader.hpp"

namespace gantry {

// One entry of `transports:`.
TransportConfig read_transport(Reader& reader, const Cursor& at);

}  // namespace gantry
