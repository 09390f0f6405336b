// SPDX-License-Identifier: Apache-2.0
#include <gantry/gantry.hpp>
#include <iostream>

int main(int argc, char** argv) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "rabbit://localhost/");

  gantry::NotificationListener events(bus, {{.topic = "notifications"}}, {.workers = 1});
  events.on(gantry::Priority::info, [](const gantry::Notification& event) {
    std::cout << event.event_type << ' ' << event.payload << std::endl;
  });
  events.on(gantry::Priority::error, [](const gantry::Notification& event) {
    std::cout << "ERROR " << event.event_type << " of " << event.publisher_id << std::endl;
  });
  events.start();  // returns once subscribed

  std::cout << "listening; Enter stops" << std::endl;
  std::cin.get();
}  // a notification is acknowledged after its function has returned: none is lost
