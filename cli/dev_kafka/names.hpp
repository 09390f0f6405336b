// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::cli {

// Kafka's API key of a kind of request. Throws CommandError (usage) with the kinds there are.
std::int16_t request_key(std::string_view name);
std::string request_names();  // separated by commas

// An error by its name in librdkafka without RD_KAFKA_RESP_ERR_: MSG_SIZE_TOO_LARGE, NO_ERROR,
// _TRANSPORT. Throws CommandError (usage) with the nearest name.
rd_kafka_resp_err_t error_code(std::string_view name);

}  // namespace gantry::cli
