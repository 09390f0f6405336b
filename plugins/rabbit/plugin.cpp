// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"
#include "gantry/driver/descriptor.hpp"
#include "option_table.hpp"
#include "version.hpp"

GANTRY_EXPORT_DRIVER(.schemes = "rabbit kombu", .version = gantry::rabbit::kVersion,
                     .summary = "RabbitMQ (AMQP 0-9-1), oslo.messaging's wire format",
                     .client_library = "rabbitmq-c 0.11", .features = gantry::rabbit::kFeatures,
                     .options = gantry::rabbit::kOptions, .create = gantry::rabbit::make_driver);
