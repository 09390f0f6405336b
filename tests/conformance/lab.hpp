// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gantry/host/driver_manager.hpp"
#include "gantry/transport.hpp"
#include "subscriber.hpp"

// What cases work with.
namespace gantry::conformance {

// The driver under test, and how patient the run is. Everything that has to happen may take
// `patience`; only a failure uses it up.
struct Setup {
  const DriverManager& drivers;
  TransportConfig config;  // with a default exchange of the run's own
  double scale = 1;

  std::chrono::milliseconds scaled(std::chrono::milliseconds time) const;
  Deadline patience() const { return Deadline::after(scaled(std::chrono::seconds(30))); }
};

// A request and a notification that carry a number, and the number of a message that arrived.
Message request(int n);
Message notification(int n);
int number_of(const Message& message);
std::vector<int> counted(std::size_t count);  // 0, 1, 2, …

// A name that nobody else uses.
std::string fresh_name();

// A transport of the URL under test, with shorthands that wait for the end of what they start.
class Bus {
 public:
  explicit Bus(const Setup& setup) : setup_(setup), transport_(setup.drivers.open(setup.config)) {}

  Transport& transport() noexcept { return transport_; }

  void send(const Target& target, Message message, SendOptions options = {});
  void cast(const Target& target, int n) { send(target, request(n)); }
  Value call(const Target& target, Message message, CallOptions options = {});
  std::future<Outcome<Value>> start_call(const Target& target, Message message,
                                         const CallOptions& options);
  void notify(const Target& target, Message message, Envelope envelope = Envelope::v2);
  void notify(const std::string& topic, int n) { notify({.topic = topic}, notification(n)); }

  // Subscribed, and not started yet.
  Subscriber serve(const Target& target, const BatchOptions& batch = {});
  Subscriber listen(const std::vector<Subscription>& subscriptions, std::string_view pool = {},
                    const BatchOptions& batch = {});

  // The same options where no deadline is given: patience.
  CallOptions patient(CallOptions options = {}) const;

 private:
  const Setup& setup_;
  Transport transport_;
};

// One case's: a transport and a topic of its own.
struct Lab {
  explicit Lab(const Setup& setup_of_run) : setup(setup_of_run) {}

  const Setup& setup;
  Bus bus{setup};
  const std::string topic = fresh_name();
  const Target at_topic{.topic = topic};
  const Target all{.topic = topic, .fanout = true};
  const std::string info = topic + ".info";

  Target server(std::string_view name) const {
    return {.topic = topic, .server = std::string(name)};
  }
  std::vector<Subscription> infos() const { return {{at_topic, "info"}}; }
  std::chrono::milliseconds scaled(std::chrono::milliseconds time) const {
    return setup.scaled(time);
  }
};

// For what nobody announces: looks until it is so, or patience ends. Tells which.
template <class Condition>
bool comes_true(Condition condition, const Setup& setup) {
  const auto deadline = setup.patience();
  while (!condition()) {
    if (deadline.expired()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// A call that a server has taken and not answered yet.
struct TakenCall {
  std::future<Outcome<Value>> ended;
  std::unique_ptr<IncomingMessage> request;
  Deadline deadline;
};
// One that ends so soon, or later where the machine needs more time to hand the request over.
TakenCall taken_call(Lab& lab, Subscriber& server, std::chrono::milliseconds time,
                     std::optional<std::chrono::milliseconds> monitor = {});

// The end of a call that was started; a check fails when it does not come.
Value result_of(std::future<Outcome<Value>>& call, const Setup& setup);

}  // namespace gantry::conformance
