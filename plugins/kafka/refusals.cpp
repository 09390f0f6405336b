// SPDX-License-Identifier: Apache-2.0
#include "refusals.hpp"

#include "errors.hpp"

namespace gantry::kafka {

// librdkafka tells of all of them once, and again after one of them was reached.
void Refusals::note(rd_kafka_resp_err_t error, std::string_view reason) {
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    all_failed_ = true;
  } else if (is_distrust(error, reason)) {
    error_ = error;
    reason_ = reason;
  }
}

void Refusals::broker_answered() noexcept {
  all_failed_ = false;
  reason_.clear();
}

std::exception_ptr Refusals::error(const std::string& what) const {
  return distrust(what, error_, reason_);
}

}  // namespace gantry::kafka
