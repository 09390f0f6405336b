// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/client.hpp"

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/version.hpp"

namespace gantry {
namespace {

void check_version(const std::optional<std::string>& version) {
  if (version) Version::parse(*version);
}

// What is given replaces what was there.
template <class T>
void override_with(std::optional<T>& field, const std::optional<T>& given) {
  if (given) field = given;
}

}  // namespace

RpcClient::RpcClient(Transport& transport, Target target, RpcOptions options)
    : transport_(&transport), target_(std::move(target)), options_(std::move(options)) {
  check_version(target_.version);
  check_version(options_.version_cap);
}

RpcClient RpcClient::prepare(const Prepared& overrides) const {
  RpcClient prepared = *this;
  override_with(prepared.target_.exchange, overrides.exchange);
  override_with(prepared.target_.topic, overrides.topic);
  override_with(prepared.target_.ns, overrides.ns);
  override_with(prepared.target_.version, overrides.version);
  override_with(prepared.target_.server, overrides.server);
  override_with(prepared.target_.fanout, overrides.fanout);
  override_with(prepared.options_.timeout, overrides.timeout);
  override_with(prepared.options_.monitor, overrides.monitor);
  override_with(prepared.options_.retry, overrides.retry);
  override_with(prepared.options_.at_least_once, overrides.at_least_once);
  override_with(prepared.options_.version_cap, overrides.version_cap);
  override_with(prepared.options_.context, overrides.context);
  check_version(prepared.target_.version);
  check_version(prepared.options_.version_cap);
  return prepared;
}

Value RpcClient::call(std::string_view method, const Object& args) const {
  if (target_.is_fanout()) throw InvalidTarget("a call cannot go to all servers", target_);
  return transport_->call(target_, request(method, args), call_options());
}

PendingCall RpcClient::call_async(std::string_view method, const Object& args) const {
  auto [pending, done] = PendingCall::make();
  try {
    if (target_.is_fanout()) throw InvalidTarget("a call cannot go to all servers", target_);
    auto message = request(method, args);
    transport_->call(target_, std::move(message), call_options(), std::move(done));
  } catch (...) {
    done.fail(std::current_exception());
  }
  return pending;
}

void RpcClient::cast(std::string_view method, const Object& args) const {
  transport_->send(target_, request(method, args), send_options());
}

bool RpcClient::can_send_version(const std::optional<std::string>& version) const {
  return !options_.version_cap || compatible(options_.version_cap, version);
}

void RpcClient::throw_unexpected_result(std::string_view method, const std::string& why) {
  throw SerializationError("the result of '" + printable(method, 80) +
                           "' is not of the type that was asked for: " + why);
}

Message RpcClient::request(std::string_view method, const Object& args) const {
  if (!can_send_version()) {
    throw RPCVersionCapError(target_.version.value_or("none"), *options_.version_cap);
  }
  Message message;
  message.body.reserve(4);
  message.body.emplace("method", method);
  message.body.emplace("args", args);
  if (target_.ns) message.body.emplace("namespace", *target_.ns);
  if (target_.version) message.body.emplace("version", *target_.version);
  if (options_.context) message.context = *options_.context;
  return message;
}

// A cast has no timeout of its own (CLI-6): it ends when the broker has it, or at the client's.
SendOptions RpcClient::send_options() const {
  SendOptions options;
  if (options_.timeout) options.deadline = Deadline::after(*options_.timeout);
  options.retry = options_.retry.value_or(-1);
  options.at_least_once = options_.at_least_once.value_or(false);
  options.timeline = timeline_;
  return options;
}

CallOptions RpcClient::call_options() const {
  CallOptions options{send_options()};
  const auto timeout = options_.timeout.value_or(transport_->settings().rpc_response_timeout);
  options.deadline = Deadline::after(timeout);
  options.monitor = options_.monitor;
  return options;
}

}  // namespace gantry
