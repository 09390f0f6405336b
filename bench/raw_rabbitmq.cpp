// SPDX-License-Identifier: Apache-2.0
// On rabbitmq-c alone: a request/reply loop, as the floor for calls over RabbitMQ, and publishing
// with confirms, as the floor for notifications.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "load.hpp"
#include "raw_alike.hpp"
#include "raw_connection.hpp"
#include "raw_shared.hpp"

namespace {

using bench::Clock;
using bench::RawConnection;

const std::string request_queue = "bench_raw";

// Ends with the process: SIGTERM is left to its default.
[[noreturn]] void serve(const bench::Task& task) {
  RawConnection connection(task.url);
  connection.consume(request_queue);
  fmt::print("ready\n");
  std::fflush(stdout);
  while (true) {
    const RawConnection::Delivery request = connection.next();
    connection.acknowledge(request);
    connection.publish(request.reply_to,
                       {.correlation_id = request.correlation_id, .body = request.body});
  }
}

// A connection with its reply queue.
class Caller {
 public:
  explicit Caller(const bench::Task& task)
      : connection_(task.url), request_{.reply_to = connection_.consume("")} {
    request_.body.assign(task.payload, 'x');
  }

  void send(const std::string& id) {
    request_.correlation_id = id;
    connection_.publish(request_queue, request_);
  }

  std::string answered_id() {
    const RawConnection::Delivery reply = connection_.next();
    connection_.acknowledge(reply);
    return reply.correlation_id;
  }

 private:
  RawConnection connection_;
  RawConnection::Delivery request_;
};

// Each thread with a connection of its own.
void call_blocking(const bench::Task& task) {
  bench::call_from_threads(task, [&] {
    return [caller = std::make_shared<Caller>(task)] {
      caller->send("1");
      caller->answered_id();
    };
  });
}

// One thread and one connection, with as many calls under way as the task says.
void call_async(const bench::Task& task) {
  Caller caller(task);
  bench::Measurement measurement(task.seconds);
  bench::Tally tally = measurement.tally();
  std::vector<Clock::time_point> began(task.callers);
  for (std::size_t slot = 0; slot < began.size(); ++slot) {
    began[slot] = Clock::now();
    caller.send(std::to_string(slot));
  }
  while (!tally.over()) {
    const std::string id = caller.answered_id();
    Clock::time_point& slot_began = began[std::stoul(id)];
    tally.count(slot_began, Clock::now());
    slot_began = Clock::now();
    caller.send(id);
  }
  measurement.add(tally);
  measurement.print();
}

// One thread and one connection, with as many unconfirmed messages as the task says.
void publish(const bench::Task& task) {
  RawConnection connection(task.url);
  const std::string queue = connection.declare();
  const RawConnection::Delivery message{.body = std::string(task.payload, 'x')};
  bench::Measurement measurement(task.seconds);
  bench::Tally tally = measurement.tally();
  std::map<std::uint64_t, Clock::time_point> unconfirmed;  // by the number of the message
  for (std::uint64_t number = 1; !tally.over(); ++number) {
    unconfirmed.emplace(number, Clock::now());
    connection.publish(queue, message);
    while (unconfirmed.size() >= task.callers) {
      const auto [last, all_before] = connection.next_confirm();
      const auto from = all_before ? unconfirmed.begin() : unconfirmed.find(last);
      const auto to = unconfirmed.upper_bound(last);
      for (auto each = from; each != to; ++each) tally.count(each->second, Clock::now());
      unconfirmed.erase(from, to);
    }
  }
  measurement.add(tally);
  measurement.print();
}

// Prefetch 100, and one acknowledgement for 50.
void drain(const bench::Task& task) {
  RawConnection connection(task.url);
  const std::string queue = connection.fill(task.callers, std::string(task.payload, 'x'));
  connection.set_prefetch(100);
  connection.consume_filled(queue);
  std::optional<bench::Stretch> stretch;
  for (unsigned taken = 1; taken <= task.callers; ++taken) {
    const auto delivery = connection.next();
    if (!stretch) stretch.emplace();
    if (taken % 50 == 0 || taken == task.callers) connection.acknowledge(delivery, true);
  }
  stretch->print(task.callers);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Task task = bench::parse(argc, argv);
    if (task.role == "server") serve(task);
    if (task.role == "client") call_blocking(task);
    if (task.role == "async") call_async(task);
    if (task.role == "publish") publish(task);
    if (task.role == "drain") drain(task);
    if (task.role == "client_shared") bench::call_over_one_connection(task);
    if (task.role == "server_alike") bench::serve_alike(task);
    if (task.role == "client_alike") bench::call_alike(task);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    fmt::print(stderr, "raw_rabbitmq: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
