// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <exception>
#include <string>
#include <string_view>

namespace gantry::kafka {

// Whether a client is trusted by none of its brokers, or trusts none: further attempts are useless
// then. One that refuses is passed over as long as another may not. Not thread-safe.
class Refusals {
 public:
  void note(rd_kafka_resp_err_t error, std::string_view reason);  // as librdkafka tells it
  void broker_answered() noexcept;

  bool has_any() const noexcept { return !reason_.empty(); }
  bool are_final() const noexcept { return all_failed_ && has_any(); }
  std::exception_ptr error(const std::string& what) const;  // of the latest

 private:
  bool all_failed_ = false;
  rd_kafka_resp_err_t error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string reason_;
};

}  // namespace gantry::kafka
