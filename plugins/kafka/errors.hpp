// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gantry/error.hpp"

namespace gantry::kafka {

// No broker has answered: worth another attempt. Inside the driver only.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What librdkafka says of an error.
std::string text_of(rd_kafka_resp_err_t error);
std::string text_of(const std::exception_ptr& error);

// The brokers could not be asked, or are not ready to answer.
bool is_transient(rd_kafka_resp_err_t error) noexcept;

// A login was refused, or a certificate on either side: `reason` is what librdkafka says of the
// error. Another broker may agree.
bool is_distrust(rd_kafka_resp_err_t error, std::string_view reason) noexcept;
// AuthenticationFailed, with the reason and what to look at.
std::exception_ptr distrust(const std::string& what, rd_kafka_resp_err_t error,
                            std::string_view reason);

// `what` failed for a reason that an operator has to mend: AccessRefused, EntityNotFound,
// AuthenticationFailed, or a TransportDriverError. `entity` is "topic 'x'".
std::exception_ptr refusal(const std::string& what, rd_kafka_resp_err_t error,
                           const std::string& entity = {});

// Unreachable for what is transient, else the refusal; returns where there is no error.
void throw_if(rd_kafka_resp_err_t error, const std::string& what, const std::string& entity = {});
// The same about a topic that is there: not every broker may have heard yet of one that was just
// created, so that one which does not know it is asked again.
void throw_if_of_known_topic(rd_kafka_resp_err_t error, const std::string& what,
                             const std::string& entity = {});

}  // namespace gantry::kafka
