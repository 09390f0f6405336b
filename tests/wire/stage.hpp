// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/listener.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/rpc/server.hpp"
#include "gantry/transport.hpp"

namespace gantry::wire_test {

// The parts that a test gives out, each with a transport of its own: servers, clients, listeners
// and notifiers on the rabbit driver. Its verbs take the commands that player.cpp describes; what
// happens later is told as an event. Events come on any thread, verbs from one.
class Stage {
 public:
  using Tell = std::function<void(Object event)>;

  explicit Stage(Tell tell) : tell_(std::move(tell)) {}

  void open(const Object& command);
  void close(const Object& command);
  void serve(const Object& command);
  void serve_methods(const Object& command);
  void listen(const Object& command);
  void handle_notifications(const Object& command);
  void call(const Object& command);
  void cast(const Object& command);
  void notify(const Object& command);
  void reply(const Object& command);
  void heartbeat(const Object& command);
  void settle(const Object& command);

 private:
  struct Part {
    explicit Part(const std::string& url);
    Transport transport;
    std::vector<std::unique_ptr<Listener>> listeners{};
    std::unique_ptr<RpcServer> server{};
    std::unique_ptr<NotificationListener> notifications{};
  };

  Transport& transport(const Object& command);
  Listener::OnBatch receiver(std::string part, std::string event);
  IncomingMessage& held(const Object& command);

  const Tell tell_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<IncomingMessage>> held_;  // guarded by mutex_
  std::map<std::string, std::unique_ptr<Part>, std::less<>> parts_;
};

}  // namespace gantry::wire_test
