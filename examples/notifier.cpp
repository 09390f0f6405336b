// SPDX-License-Identifier: Apache-2.0
#include <gantry/gantry.hpp>

int main(int argc, char** argv) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "rabbit://localhost/");

  gantry::Notifier notifier(bus, {.publisher_id = "calc.node-1"});
  notifier.info("calc.started", {{"version", "1.0"}});  // returns when the broker has it
  notifier.error("calc.overflow", {{"a", 2}, {"b", 3}});
}
