// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/client.hpp"

#include <algorithm>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/rpc/context.hpp"
#include "gantry/version.hpp"

namespace gantry {
namespace {

void check_version(const std::optional<std::string>& version) {
  if (version) Version::parse(*version);
}

// What a serializer throws of its own becomes an error of this library (SER-6).
template <class Action>
auto serialized(Action action) try {
  return action();
} catch (const MessagingException&) {
  throw;
} catch (const std::exception& error) {
  throw SerializationError(std::string("the serializer failed: ") + error.what());
}

Object serialize_args(const Serializer* serializer, const Object& context, const Object& args) {
  if (serializer == nullptr) return args;
  Object serialized_args;
  serialized_args.reserve(args.size());
  for (const auto& [name, value] : args) {
    serialized_args.emplace(name, serialized([&, &entity = value] {
                              return serializer->serialize_entity(context, entity);
                            }));
  }
  return serialized_args;
}

}  // namespace

RpcClient::RpcClient(Transport& transport, Target target, RpcOptions options)
    : transport_(&transport), target_(std::move(target)), options_(std::move(options)) {
  check_version(target_.version);
  check_version(options_.version_cap);
}

class RpcClient::Interpreter {
 public:
  Interpreter(const Target& target, const RpcOptions& options)
      : target_(target),
        serializer_(options.serializer),
        exceptions_(options.remote_exceptions),
        context_(serializer_ && options.context ? *options.context : Object()) {}

  Outcome<Value> operator()(Outcome<Value> outcome) const try {
    if (outcome.failed()) return Outcome<Value>(error_of(outcome.error()));
    return Outcome<Value>(result_of(std::move(outcome).get()));
  } catch (...) {
    return Outcome<Value>(std::current_exception());
  }

  Value result_of(Value result) const {
    if (!serializer_) return result;
    return serialized([&] { return serializer_->deserialize_entity(context_, result); });
  }

  std::exception_ptr error_of(const std::exception_ptr& error) const {
    try {
      std::rethrow_exception(error);
    } catch (const RemoteError& remote) {
      return exceptions_ ? exceptions_->rebuild(remote.failure()) : error;
    } catch (const TransportDriverError&) {
      return std::make_exception_ptr(ClientSendError(target_, error));
    } catch (...) {
      return error;
    }
  }

 private:
  const Target target_;
  const std::shared_ptr<const Serializer> serializer_;
  const std::shared_ptr<const RemoteExceptions> exceptions_;
  const Object context_;
};

RpcClient::Interpreter RpcClient::interpreter() const { return {target_, options_}; }

RpcClient RpcClient::prepare(const Prepared& overrides) const {
  RpcClient prepared = *this;
  overrides.exchange.apply_to(prepared.target_.exchange);
  overrides.topic.apply_to(prepared.target_.topic);
  overrides.ns.apply_to(prepared.target_.ns);
  overrides.version.apply_to(prepared.target_.version);
  overrides.server.apply_to(prepared.target_.server);
  overrides.fanout.apply_to(prepared.target_.fanout);
  overrides.timeout.apply_to(prepared.options_.timeout);
  overrides.monitor.apply_to(prepared.options_.monitor);
  overrides.retry.apply_to(prepared.options_.retry);
  overrides.on_doubt.apply_to(prepared.options_.on_doubt);
  overrides.at_least_once.apply_to(prepared.options_.at_least_once);
  overrides.version_cap.apply_to(prepared.options_.version_cap);
  overrides.context.apply_to(prepared.options_.context);
  check_version(prepared.target_.version);
  check_version(prepared.options_.version_cap);
  return prepared;
}

Value RpcClient::call(std::string_view method, const Object& args) const {
  if (target_.is_fanout()) throw InvalidTarget("a call cannot go to all servers", target_);
  auto message = request(method, args);
  try {
    auto result = transport_->call(target_, std::move(message), call_options());
    if (!options_.serializer) return result;
    return interpreter().result_of(std::move(result));
  } catch (...) {
    std::rethrow_exception(interpreter().error_of(std::current_exception()));
  }
}

PendingCall RpcClient::call_async(std::string_view method, const Object& args) const {
  auto [pending, done] = PendingCall::make();
  Completion<Value> answer(
      [interpret = interpreter(), done = std::move(done)](Outcome<Value> outcome) mutable {
        done.tell(interpret(std::move(outcome)));
      });
  try {
    if (target_.is_fanout()) throw InvalidTarget("a call cannot go to all servers", target_);
    auto message = request(method, args);
    auto options = call_options();
    options.given_up = pending.given_up();
    transport_->call(target_, std::move(message), options, std::move(answer));
  } catch (...) {
    answer.fail(std::current_exception());
  }
  return pending;
}

void RpcClient::cast(std::string_view method, const Object& args) const {
  auto message = request(method, args);
  try {
    transport_->send(target_, std::move(message), send_options());
  } catch (...) {
    std::rethrow_exception(interpreter().error_of(std::current_exception()));
  }
}

bool RpcClient::can_send_version(const std::optional<std::string>& version) const {
  return !options_.version_cap || compatible(options_.version_cap, version);
}

void RpcClient::throw_unexpected_result(std::string_view method, const std::string& why) {
  throw SerializationError("the result of '" + printable(method, 80) +
                           "' is not of the type that was asked for: " + why);
}

// In upstream's order: the entities, the context, and then the version cap (CLI-4).
Message RpcClient::request(std::string_view method, const Object& args) const {
  const auto* const serializer = options_.serializer.get();
  Object context = options_.context.value_or(Object());
  Message message;
  message.body.reserve(4);
  message.body.emplace("method", method);
  message.body.emplace("args", serialize_args(serializer, context, args));
  if (target_.ns) message.body.emplace("namespace", *target_.ns);
  if (target_.version) message.body.emplace("version", *target_.version);
  message.context = serializer != nullptr
                        ? serialized([&] { return serializer->serialize_context(context); })
                        : std::move(context);
  if (!can_send_version()) {
    throw RPCVersionCapError(target_.version.value_or("none"), *options_.version_cap);
  }
  return message;
}

// A cast has no timeout of its own (CLI-6): it ends when the broker has it, or at the client's.
SendOptions RpcClient::send_options() const {
  SendOptions options;
  if (options_.timeout) options.deadline = Deadline::after(*options_.timeout);
  options.retry = options_.retry.value_or(-1);
  options.on_doubt = options_.on_doubt.value_or(OnDoubt::fail);
  options.at_least_once = options_.at_least_once.value_or(false);
  options.timeline = timeline_;
  return options;
}

CallOptions RpcClient::call_options() const {
  CallOptions options{send_options()};
  if (!options_.timeout) {
    options.deadline = std::min(Deadline::after(transport_->settings().rpc_response_timeout),
                                deadline_of_served_request());
  }
  options.monitor = options_.monitor;
  return options;
}

}  // namespace gantry
