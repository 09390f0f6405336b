// SPDX-License-Identifier: Apache-2.0
#include "serving.hpp"

#include <chrono>
#include <iostream>
#include <thread>
#include <utility>

namespace gantry::faults {
namespace {

std::unique_ptr<Listener> subscribe(Transport& transport, const Load& load,
                                    const std::string& server) {
  const auto by = Deadline::after(std::chrono::seconds(30));
  Target target;
  target.topic = load.topic;
  if (load.verb == "notify") {
    const Subscription info{target, "info"};
    return transport.listen_for_notifications({&info, 1}, {}, {}, by);
  }
  target.server = server;
  return transport.listen(target, {}, by);
}

}  // namespace

void say(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cout << line << std::endl;
}

Serving::Serving(Transport& transport, const Load& load, Tally& tally, const std::string& server)
    : load_(load),
      tally_(tally),
      workers_({.workers = 1}),
      listener_(subscribe(transport, load, server)) {
  listener_->start([this](Batch batch) {
    for (auto& message : batch)
      workers_.run([this, handled = std::shared_ptr<IncomingMessage>(std::move(message))] {
        handle(*handled);
      });
  });
}

Serving::~Serving() {
  listener_->stop();
  workers_.finish();
}

void Serving::handle(IncomingMessage& message) {
  const auto id = message.message().body.at("args").at("id").to_number<std::size_t>();
  tally_.delivered(id);
  if (load_.count == 0) say("delivered " + std::to_string(id));
  if (load_.handler.count() > 0) std::this_thread::sleep_for(load_.handler);
  message.acknowledge();
  message.reply(Value(id));
}

}  // namespace gantry::faults
