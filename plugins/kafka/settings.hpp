// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "gantry/driver/descriptor.hpp"
#include "gantry/ledger.hpp"

namespace gantry::kafka {

// librdkafka's settings by name. Some are secret: never shown.
using ClientSettings = std::map<std::string, std::string>;

// What a driver was configured with.
struct Settings {
  ClientSettings client{};    // of each client: brokers, TLS, login
  ClientSettings producer{};  // beside those, as the next
  ClientSettings consumer{};
  ClientSettings overrides{};  // the option `rdkafka`: set last
  std::string default_exchange{};
  std::string virtual_host{};
  std::string consumer_group{};
  std::string offset_reset{};
  bool auto_commit = false;
  bool partition_by_publisher = true;
  bool key_is_publisher = false;
  std::size_t max_poll_records = 500;
  std::size_t max_message_bytes = 8388608;
  std::chrono::milliseconds session_timeout{6000};
  std::chrono::milliseconds rebalance_patience{3000};
  std::chrono::milliseconds close_timeout{5000};
  std::string rpc_prefix{};
  int rpc_partitions = 8;
  int reply_partitions = 16;
  std::shared_ptr<Ledger> ledger{};

  // With its headers and what Kafka adds.
  std::size_t longest_record() const noexcept { return max_message_bytes + 65536; }

  // Throws ConfigurationError.
  static Settings from(const DriverContext& context);
};

}  // namespace gantry::kafka
