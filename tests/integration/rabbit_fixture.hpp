// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/transport.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::test {

// How long a test waits for what must happen; generous, since only a failure uses it up.
inline constexpr std::chrono::seconds kPatience{30};

// The rabbit driver, linked in.
inline Transport open_rabbit(const std::string& url) {
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  return drivers.open(url);
}

inline Object body_of(std::string_view method, Object args = {}) {
  return {{"method", method}, {"args", std::move(args)}};
}

inline std::future<Outcome<Value>> call_async(Transport& transport, const Target& target,
                                              Message message, const CallOptions& options) {
  auto promise = std::make_shared<std::promise<Outcome<Value>>>();
  auto future = promise->get_future();
  transport.call(target, std::move(message), options, Completion<Value>([promise](auto outcome) {
                   promise->set_value(std::move(outcome));
                 }));
  return future;
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

// Answers each request with its own body and context, on the listener's thread.
class EchoServer {
 public:
  EchoServer(Transport& transport, const Target& target)
      : listener_(transport.listen(target, {}, Deadline::after(kPatience))) {
    listener_->start([](Batch batch) {
      for (auto& message : batch)
        message->reply(Value(
            Object{{"body", message->message().body}, {"context", message->message().context}}));
    });
  }
  Listener& listener() { return *listener_; }

 private:
  std::unique_ptr<Listener> listener_;
};

// A test beside a private broker, with a topic of its own.
class RabbitTest : public testing::Test {
 protected:
  void SetUp() override {
    if (url().empty())
      GTEST_SKIP() << "GANTRY_TEST_RABBIT is not set; run this through rabbit_broker.py";
  }

  // NOLINTBEGIN(concurrency-mt-unsafe): before any other thread looks
  static std::string url() {
    const char* const set = std::getenv("GANTRY_TEST_RABBIT");
    return set != nullptr ? set : "";
  }
  static Transport open(const std::string& query = {}) {
    return open_rabbit(query.empty() ? url() : url() + '?' + query);
  }
  static void rabbitmqctl(const std::string& arguments) {
    const char* const program = std::getenv("GANTRY_TEST_RABBITMQCTL");
    ASSERT_NE(program, nullptr);
    ASSERT_EQ(std::system((program + (" -q " + arguments)).c_str()), 0);
  }
  // NOLINTEND(concurrency-mt-unsafe)

  const std::string topic = "t_" + wire::new_id().substr(0, 12);
  const Target at_topic{.topic = topic};
  const Target server_target{.topic = topic, .server = "s1"};
};

}  // namespace gantry::test
