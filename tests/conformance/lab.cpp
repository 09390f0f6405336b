// SPDX-License-Identifier: Apache-2.0
#include "lab.hpp"

#include <numeric>
#include <utility>

#include "check.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

const Value& member(const Value& value, std::string_view name) {
  const auto* const object = value.if_object();
  const auto* const found = object != nullptr ? object->if_contains(name) : nullptr;
  check(found != nullptr, "a message arrived without the member '" + std::string(name) + '\'');
  return *found;
}

template <class Options>
Options with_patience(Options options, const Setup& setup) {
  if (options.deadline.is_never()) options.deadline = setup.patience();
  return options;
}

}  // namespace

std::chrono::milliseconds Setup::scaled(std::chrono::milliseconds time) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time * scale);
}

Message request(int n) { return {.body = {{"method", "number"}, {"args", {{"n", n}}}}}; }

Message notification(int n) {
  return {.body = {{"message_id", wire::new_uuid()},
                   {"publisher_id", "conformance"},
                   {"event_type", "number"},
                   {"priority", "INFO"},
                   {"payload", {{"n", n}}},
                   {"timestamp", "2000-01-01 00:00:00.000000"}}};
}

int number_of(const Message& message) {
  const char* const part = message.body.contains("args") ? "args" : "payload";
  return static_cast<int>(member(member(message.body, part), "n").as_int64());
}

std::vector<int> counted(std::size_t count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::string fresh_name() { return "conformance_" + wire::new_id().substr(0, 16); }

void Bus::send(const Target& target, Message message, SendOptions options) {
  transport_.send(target, std::move(message), with_patience(std::move(options), setup_));
}

Value Bus::call(const Target& target, Message message, CallOptions options) {
  return transport_.call(target, std::move(message), patient(std::move(options)));
}

std::future<Outcome<Value>> Bus::start_call(const Target& target, Message message,
                                            const CallOptions& options) {
  std::promise<Outcome<Value>> ended;
  auto future = ended.get_future();
  transport_.call(target, std::move(message), options,
                  Completion<Value>([ended = std::move(ended)](Outcome<Value> outcome) mutable {
                    ended.set_value(std::move(outcome));
                  }));
  return future;
}

void Bus::notify(const Target& target, Message message, Envelope envelope) {
  transport_.send_notification(target, std::move(message), envelope,
                               {.deadline = setup_.patience()});
}

Subscriber Bus::serve(const Target& target, const BatchOptions& batch) {
  return Subscriber(transport_.listen(target, batch, setup_.patience()), setup_.scaled(30s));
}

Subscriber Bus::listen(const std::vector<Subscription>& subscriptions, std::string_view pool,
                       const BatchOptions& batch) {
  return Subscriber(
      transport_.listen_for_notifications(subscriptions, pool, batch, setup_.patience()),
      setup_.scaled(30s));
}

CallOptions Bus::patient(CallOptions options) const {
  return with_patience(std::move(options), setup_);
}

TakenCall taken_call(Lab& lab, Subscriber& server, std::chrono::milliseconds time,
                     std::optional<std::chrono::milliseconds> monitor) {
  for (int attempt = 0; attempt < 4; ++attempt, time *= 4) {
    CallOptions options;
    options.deadline = Deadline::after(lab.scaled(time));
    options.monitor = monitor;
    auto call = lab.bus.start_call(lab.at_topic, request(attempt), options);
    if (auto taken = server.take_request(attempt, options.deadline)) {
      return {std::move(call), std::move(taken), options.deadline};
    }
  }
  throw CheckFailed("no request reaches its server before its deadline",
                    std::source_location::current());
}

Value result_of(std::future<Outcome<Value>>& call, const Setup& setup) {
  const bool ended = call.wait_for(setup.scaled(40s)) == std::future_status::ready;
  check(ended, "a call has not ended, long after its deadline");
  return call.get().get();
}

}  // namespace gantry::conformance
