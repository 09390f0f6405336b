// SPDX-License-Identifier: Apache-2.0
#include <gantry/gantry.hpp>
#include <iostream>

int main(int argc, char** argv) try {
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "rabbit://localhost/");

  gantry::RpcClient calc(bus, {.topic = "calc"}, {.timeout = std::chrono::seconds(5)});
  std::cout << calc.call<std::int64_t>("add", {{"a", 2}, {"b", 3}}) << '\n';
} catch (const gantry::RemoteError& error) {  // the method threw, on the other side
  std::cerr << error.exc_type() << ": " << error.value() << '\n';
  return 5;
} catch (const gantry::MessagingException& error) {  // no answer: the text says why
  std::cerr << error.what() << '\n';
  return 1;
}
