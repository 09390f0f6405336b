// SPDX-License-Identifier: Apache-2.0
#include <gantry/gantry.hpp>
#include <iostream>

int main(int argc, char** argv) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "fake://");  // the only line that knows the broker

  gantry::Endpoint calc("1.0");
  calc.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  calc.method("divide", {"a", "b"}, [](std::int64_t a, std::int64_t b) {
    if (b == 0) throw std::invalid_argument("division by zero");
    return a / b;
  });
  gantry::RpcServer server(bus, {.topic = "calc", .server = "node-1"}, {calc});
  server.start();

  gantry::RpcClient client(bus, {.topic = "calc"});
  std::cout << "add: " << client.call<std::int64_t>("add", {{"a", 2}, {"b", 3}}) << '\n';

  auto pending = client.call_async("add", {{"a", 20}, {"b", 22}});  // the answer can wait
  try {
    client.call("divide", {{"a", 1}, {"b", 0}});
  } catch (const gantry::RemoteError& error) {
    std::cout << "divide: " << error.exc_type() << ": " << error.value() << '\n';
  }
  std::cout << "add: " << pending.get() << '\n';
}
