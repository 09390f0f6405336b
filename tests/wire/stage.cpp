// SPDX-License-Identifier: Apache-2.0
#include "stage.hpp"

#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <chrono>
#include <optional>

#include "gantry/driver/descriptor.hpp"
#include "gantry/host/driver_manager.hpp"
#include "player.hpp"

extern "C" const gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;

namespace gantry::wire_test {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kPatience{60};

Transport open_rabbit(const std::string& url) {
  DriverManager drivers;
  drivers.add(GANTRY_DRIVER_SYMBOL);
  return drivers.open(url);
}

std::string text(const Object& command, std::string_view key) {
  const auto* value = command.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<milliseconds> duration(const Object& command, std::string_view key) {
  const auto* value = command.if_contains(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return milliseconds(value->to_number<std::int64_t>());
}

Target target_of(const Object& command) {
  const auto part = [&](std::string_view key) {
    const auto value = text(command, key);
    return value.empty() ? std::nullopt : std::optional(value);
  };
  return {.exchange = part("exchange"),
          .topic = part("topic"),
          .server = part("server"),
          .fanout = command.contains("fanout")};
}

Message message_of(const Object& command) {
  return {.body = command.at("body").as_object(),
          .context = command.contains("context") ? command.at("context").as_object() : Object()};
}

SendOptions send_options(const Object& command) {
  const auto timeout = duration(command, "timeout_ms");
  return {.deadline = Deadline::after(timeout.value_or(kPatience)),
          .at_least_once = command.contains("at_least_once")};
}

Failure failure_from(const Object& object) {
  const auto strings = value_to<std::vector<std::string>>(object.at("tb"));
  return {.class_name = text(object, "class"),
          .module = text(object, "module"),
          .message = text(object, "message"),
          .traceback = strings,
          .args = object.at("args").as_array(),
          .kwargs = object.at("kwargs").as_object()};
}

}  // namespace

Stage::Part::Part(const std::string& url) : transport(open_rabbit(url)) {}

void Stage::open(const Object& command) {
  parts_[text(command, "part")] = std::make_unique<Part>(text(command, "url"));
}

void Stage::close(const Object& command) {
  const auto part = parts_.find(text(command, "part"));
  if (part == parts_.end()) return;
  part->second->server.reset();
  part->second->notifications.reset();
  for (auto& listener : part->second->listeners) listener->stop();
  part->second->listeners.clear();
  parts_.erase(part);
}

void Stage::serve(const Object& command) {
  auto& part = *parts_.at(text(command, "part"));
  auto listener = part.transport.listen(target_of(command), {}, Deadline::after(kPatience));
  listener->start(receiver(text(command, "part"), "request"));
  part.listeners.push_back(std::move(listener));
}

void Stage::serve_methods(const Object& command) {
  Endpoint endpoint("1.0");
  endpoint.method("m", [this](const Context& context, const Object& args) {
    tell_({{"event", "dispatched"}, {"args", args}, {"context", context.values}});
    return Value("ok");
  });
  auto& part = *parts_.at(text(command, "part"));
  part.server = std::make_unique<RpcServer>(part.transport, target_of(command),
                                            std::vector<Endpoint>{endpoint},
                                            ServerOptions{.executor = "inline"});
  part.server->start();
}

void Stage::listen(const Object& command) {
  std::vector<Subscription> subscriptions;
  for (const auto& entry : command.at("subscriptions").as_array())
    subscriptions.push_back({target_of(entry.as_object()), text(entry.as_object(), "priority")});
  auto& part = *parts_.at(text(command, "part"));
  auto listener = part.transport.listen_for_notifications(subscriptions, text(command, "pool"), {},
                                                          Deadline::after(kPatience));
  listener->start(receiver(text(command, "part"), "notification"));
  part.listeners.push_back(std::move(listener));
}

void Stage::handle_notifications(const Object& command) {
  auto& part = *parts_.at(text(command, "part"));
  part.notifications = std::make_unique<NotificationListener>(
      part.transport, std::vector{target_of(command)}, ListenerOptions{.executor = "inline"});
  part.notifications->on(Priority::info, [this](const Notification& notification) {
    tell_({{"event", "dispatched"},
           {"body", gantry::message_of(notification).body},
           {"context", notification.context}});
  });
  part.notifications->start();
}

void Stage::call(const Object& command) {
  CallOptions options{send_options(command), duration(command, "monitor_ms")};
  transport(command).call(target_of(command), message_of(command), options,
                          Completion<Value>([this, id = command.at("id")](Outcome<Value> outcome) {
                            Object event{{"event", "ended"}, {"id", id}};
                            try {
                              event["result"] = std::move(outcome).get();
                            } catch (const std::exception& error) {
                              event["error"] = describe(error);
                            }
                            tell_(std::move(event));
                          }));
}

void Stage::cast(const Object& command) {
  transport(command).send(target_of(command), message_of(command), send_options(command));
}

void Stage::notify(const Object& command) {
  const auto envelope = command.contains("v1") ? Envelope::v1 : Envelope::v2;
  transport(command).send_notification(target_of(command), message_of(command), envelope,
                                       send_options(command));
}

void Stage::reply(const Object& command) {
  if (const auto* failure = command.if_contains("failure"))
    return held(command).reply(failure_from(failure->as_object()));
  held(command).reply(command.at("result"));
}

void Stage::heartbeat(const Object& command) { held(command).heartbeat(); }

void Stage::settle(const Object& command) {
  if (command.contains("requeue")) return held(command).requeue();
  held(command).acknowledge();
}

Transport& Stage::transport(const Object& command) {
  return parts_.at(text(command, "part"))->transport;
}

Listener::OnBatch Stage::receiver(std::string part, std::string event) {
  return [this, part = std::move(part), event = std::move(event)](Batch batch) {
    for (auto& message : batch) {
      Object told{{"event", event},
                  {"part", part},
                  {"id", message->facts().id},
                  {"body", message->message().body},
                  {"context", message->message().context},
                  {"wants_reply", message->facts().wants_reply}};
      {
        const std::lock_guard lock(mutex_);
        told["held"] = held_.size();
        held_.push_back(std::move(message));
      }
      tell_(std::move(told));
    }
  };
}

IncomingMessage& Stage::held(const Object& command) {
  const std::lock_guard lock(mutex_);
  return *held_.at(command.at("held").to_number<std::size_t>());
}

}  // namespace gantry::wire_test
