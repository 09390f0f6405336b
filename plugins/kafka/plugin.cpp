// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"
#include "gantry/driver/descriptor.hpp"
#include "option_table.hpp"
#include "version.hpp"

GANTRY_EXPORT_DRIVER(.schemes = "kafka", .version = gantry::kafka::kVersion,
                     .summary = "Apache Kafka: oslo.messaging's notifications, and RPC",
                     .client_library = "librdkafka 2.0", .features = gantry::kafka::kFeatures,
                     .options = gantry::kafka::kOptions, .create = gantry::kafka::make_driver);
