// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "gantry/driver/listener.hpp"
#include "gantry/kit/worker_pool.hpp"
#include "gantry/transport.hpp"
#include "load.hpp"
#include "tally.hpp"

namespace gantry::faults {

void say(const std::string& line);  // to the test that started this program [any thread]

// A listener that handles one message at a time, as the workers of a server would: the connection's
// thread goes on. Its answer to a request is the request's number. Ends in the order that loses
// nothing.
class Serving {
 public:
  // All are borrowed.
  Serving(Transport& transport, const Load& load, Tally& tally, const std::string& server);
  Serving(const Serving&) = delete;
  ~Serving();

 private:
  void handle(IncomingMessage& message);

  const Load& load_;
  Tally& tally_;
  WorkerPool workers_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace gantry::faults
