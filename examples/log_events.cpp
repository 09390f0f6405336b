// SPDX-License-Identifier: Apache-2.0
#include <spdlog/logger.h>

#include <future>
#include <gantry/gantry.hpp>
#include <gantry/notify/spdlog_sink.hpp>
#include <iostream>

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  gantry::DriverManager drivers;
  auto bus = drivers.open(argc > 1 ? argv[1] : "fake://");

  std::promise<void> told;
  gantry::NotificationListener events(bus, {{.topic = "logs"}});
  events.on(gantry::Priority::error, [&](const gantry::Notification& event) {
    const auto& record = event.payload.as_object();
    std::cout << event.publisher_id << ": " << record.at("levelname") << ' ' << record.at("msg")
              << '\n';
    told.set_value();
  });
  events.start();

  gantry::Notifier notifier(bus,
                            {.publisher_id = "calc.node-1", .topics = {"logs"}, .timeout = 10s});
  spdlog::logger log("calc", std::make_shared<gantry::NotificationSink>(notifier));
  log.error("disk {} is full", "sda");
  told.get_future().wait();
}
