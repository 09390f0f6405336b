// SPDX-License-Identifier: Apache-2.0
#include <gantry/gantry.hpp>
#include <iostream>

int main(int argc, char** argv) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "rabbit://localhost/");

  gantry::Endpoint calc("1.0");
  calc.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  gantry::RpcServer server(bus, {.topic = "calc", .server = "node-1"}, {calc});
  server.start();  // returns once subscribed

  std::cout << "serving calc; Enter stops" << std::endl;
  std::cin.get();
}  // the server answers what it has accepted, then the transport closes
