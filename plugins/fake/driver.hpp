// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "faults.hpp"
#include "gantry/driver/descriptor.hpp"

namespace gantry::fake {

// Messaging within the process: the contract of a real driver, without a broker, for tests and
// demonstrations. The URL's host names the exchanges: fake://a and fake://b know nothing of each
// other. Its options are faults (FAKE-20).
std::unique_ptr<BaseDriver> create(const DriverContext& context);

inline constexpr Features kFeatures{.rpc = true,
                                    .notifications = true,
                                    .pools = true,
                                    .requeue = true,
                                    .call_monitor = true,
                                    .at_least_once = true,
                                    .fanout_by_exchange = true};

inline constexpr DriverDescriptor kDescriptor{.schemes = "fake",
                                              .version = "0.1.0",
                                              .summary = "messaging within one process",
                                              .client_library = {},
                                              .features = kFeatures,
                                              .options = kOptions,
                                              .create = create};

}  // namespace gantry::fake
