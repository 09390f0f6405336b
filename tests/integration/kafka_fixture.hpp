// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/transport.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::test {

// How long a test waits for what must happen; generous, since only a failure uses it up.
inline constexpr std::chrono::seconds kPatience{60};

// The kafka driver, linked in.
inline Transport open_kafka(const std::string& url) {
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  return drivers.open(url);
}

// What the error that `verb` throws says, when it is an Error.
template <class Error, class Verb>
std::string message_of(Verb verb) {
  try {
    verb();
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& other) {
    return std::string("another error: ") + other.what();
  }
  return "no error";
}

inline Message event(int n, std::string_view publisher = "tests") {
  return {.body = {{"message_id", wire::new_uuid()},
                   {"publisher_id", publisher},
                   {"event_type", "number"},
                   {"priority", "INFO"},
                   {"payload", {{"n", n}}},
                   {"timestamp", "2000-01-01 00:00:00.000000"}}};
}
inline int number_of(const Message& message) {
  return message.body.at("payload").at("n").to_number<int>();
}

// A test beside a broker, with a topic of its own. A rebalance of the mock cluster takes a
// session's time less one second, and it keeps a fetch that finds nothing until its time is over.
class KafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (url().empty())
      GTEST_SKIP() << "GANTRY_TEST_KAFKA is not set; run this through kafka_broker.py";
  }

  static std::string url() {
    const char* const set = std::getenv("GANTRY_TEST_KAFKA");  // NOLINT(concurrency-mt-unsafe)
    return set != nullptr ? set : "";
  }
  static Transport open(const std::string& query = {}) {
    return open_kafka(url() + "?session_timeout=4&kafka_consumer_timeout=0.05" +
                      (query.empty() ? "" : '&' + query));
  }
  static Deadline soon() { return Deadline::after(kPatience); }

  void notify(Transport& transport, int n, std::string_view publisher = "tests") const {
    transport.send_notification({.topic = info}, event(n, publisher), Envelope::v2,
                                {.deadline = soon()});
  }
  std::unique_ptr<Listener> listen(Transport& transport, std::string_view pool = {},
                                   const BatchOptions& batch = {}) const {
    const Subscription infos{{.topic = topic}, "info"};
    return transport.listen_for_notifications({&infos, 1}, pool, batch, soon());
  }

  const std::string topic = "t-" + wire::new_id().substr(0, 12);
  const std::string info = topic + ".info";
  const std::string group = "g-" + topic;
};

}  // namespace gantry::test
