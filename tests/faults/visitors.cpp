// SPDX-License-Identifier: Apache-2.0
#include "visitors.hpp"

#include <string>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/transport.hpp"
#include "serving.hpp"

namespace gantry::faults {

// They begin one after the other, so that they do not all come at the same moment.
Visitors::Visitors(DriverManager& drivers, const Load& load, Tally& tally)
    : drivers_(drivers), load_(load), tally_(tally) {
  for (int i = 0; i < load.visitors; ++i)
    threads_.emplace_back([this, i](const std::stop_token& stop) {
      wait(stop, load_.stay * i / load_.visitors);
      come_and_go(stop, i);
    });
}

void Visitors::come_and_go(const std::stop_token& stop, int number) {
  while (!stop.stop_requested()) {
    visit(stop, number);
    wait(stop, load_.stay);
  }
}

// Where no broker answers there is no visit.
void Visitors::visit(const std::stop_token& stop, int number) try {
  auto transport = drivers_.open(load_.server_url);
  const Serving serving(transport, load_, tally_, "visitor" + std::to_string(number));
  ++visits_;
  wait(stop, load_.stay);
} catch (const MessagingException& error) {
  log(LogLevel::warning, std::string("no visit: ") + error.what());
}

void Visitors::wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace gantry::faults
