// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "environment.hpp"
#include "gantry/driver/send_options.hpp"

namespace gantry::faults {

// What the environment asks of a load.
struct Load {
  using milliseconds = std::chrono::milliseconds;

  std::string verb = setting("VERB", "call");  // call, cast, notify
  std::string topic = setting("TOPIC", "faults");
  std::size_t count = static_cast<std::size_t>(number("COUNT", 100));
  std::size_t at_close =  // the last so many are sent at once, and the transport is closed
      static_cast<std::size_t>(number("AT_CLOSE", 0));
  std::size_t hold_at =  // from this one on none begins before the test has said so
      static_cast<std::size_t>(number("HOLD_AT", static_cast<std::int64_t>(count)));
  std::int64_t threads = number("THREADS", 4);
  std::int64_t servers = number("SERVERS", 1);
  std::int64_t visitors = number("VISITORS", 0);  // servers more, which come and go
  milliseconds stay{number("STAY_MS", 2000)};     // how long each stays, and stays away
  milliseconds timeout{number("TIMEOUT_MS", 10'000)};
  milliseconds pace{number("PACE_MS", 0)};        // between two messages of a thread
  milliseconds handler{number("HANDLER_MS", 0)};  // how long each takes to be handled
  std::size_t padding = static_cast<std::size_t>(number("PADDING", 0));
  std::size_t padded_from = static_cast<std::size_t>(number("PADDED_FROM", 0));  // the first so
  bool identified = number("IDENTIFIED", 0) == 1;  // as Notifier's, which a listener knows again
  int retry = static_cast<int>(number("RETRY", -1));
  OnDoubt on_doubt = setting("ON_DOUBT", "fail") == "resend" ? OnDoubt::resend : OnDoubt::fail;
  bool doubtful_arrive = number("DOUBTFUL_ARRIVE", 0) == 1;  // the fault leaves all to the broker
  std::string server_url = setting("SERVER_URL", "");
  std::string client_url = setting("CLIENT_URL", server_url);
};

}  // namespace gantry::faults
