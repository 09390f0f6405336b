// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "handles.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// The configuration of one client, to be completed with callbacks and made into the client.
class ClientConf {
 public:
  // The settings of every client, then `own`. Throws ConfigurationError, with librdkafka's words
  // and without the value of a secret.
  ClientConf(const Settings& settings, const ClientSettings& own, void* opaque);

  rd_kafka_conf_t* get() const noexcept { return conf_.get(); }
  void set(const std::string& name, const std::string& value);
  // The option `rdkafka` last, so that it wins. Throws ConfigurationError.
  Client make(rd_kafka_type_t type) &&;

 private:
  const Settings& settings_;
  Conf conf_;
};

}  // namespace gantry::kafka
