// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value_to.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"
#include "gantry/override.hpp"
#include "gantry/rpc/pending_call.hpp"
#include "gantry/rpc/remote_exceptions.hpp"
#include "gantry/serializer.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"
#include "gantry/value.hpp"

namespace gantry {

// How a client sends.
struct RpcOptions {
  // Of a call. Default: the transport's rpc_response_timeout, but within a request that is being
  // served no longer than its caller still waits (CLI-24).
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::chrono::milliseconds> monitor{};  // call_monitor_timeout; default: none
  std::optional<int> retry{};                          // default: for ever, within the deadline
  std::optional<OnDoubt> on_doubt{};                   // default: fail
  std::optional<bool> at_least_once{};
  std::optional<std::string> version_cap{};
  std::optional<Object> context{};  // sent with every request
  // Shared by all copies of the client. Null: nothing is changed.
  std::shared_ptr<const Serializer> serializer{};
  // The remote exceptions that calls throw as types of this program; others are RemoteErrors.
  std::shared_ptr<const RemoteExceptions> remote_exceptions{};
};

// What `prepare` overrides: fields of the target, and options. Each is inherited, or cleared with
// std::nullopt, or replaced.
struct Prepared {
  Override<std::string> exchange{};
  Override<std::string> topic{};
  Override<std::string> ns{};
  Override<std::string> version{};
  Override<std::string> server{};
  Override<bool> fanout{};
  Override<std::chrono::milliseconds> timeout{};
  Override<std::chrono::milliseconds> monitor{};
  Override<int> retry{};
  Override<OnDoubt> on_doubt{};
  Override<bool> at_least_once{};
  Override<std::string> version_cap{};
  Override<Object> context{};
};

// Calls methods of remote servers (semantics §15). A value that borrows its transport, and any
// thread may use it.
//
//   gantry::RpcClient client(bus, {.topic = "calc"});
//   auto sum = client.call<std::int64_t>("add", {{"a", 2}, {"b", 3}});
//   client.prepare({.server = "node-1"}).cast("refresh");
class GANTRY_API RpcClient {
 public:
  // Throws InvalidVersion for a malformed version or version cap. [any thread, as all below]
  RpcClient(Transport& transport, Target target, RpcOptions options = {});

  RpcClient prepare(const Prepared& overrides) const;
  const Target& target() const noexcept { return target_; }

  // Calls and waits for the result. Throws MessagingTimeout, RemoteError (or what
  // RpcOptions::remote_exceptions makes of it), MessageUndeliverable, MessageDeliveryFailure,
  // ClientSendError, RPCVersionCapError, InvalidTarget (no topic, or fanout), SerializationError.
  Value call(std::string_view method, const Object& args = {}) const;
  template <class Result>
  Result call(std::string_view method, const Object& args = {}) const {
    const Value result = call(method, args);
    if constexpr (!std::is_void_v<Result>) {
      try {
        return boost::json::value_to<Result>(result);
      } catch (const std::exception& error) {
        throw_unexpected_result(method, error.what());
      }
    }
  }

  // Calls without waiting; what `call` would throw, PendingCall::get throws.
  PendingCall call_async(std::string_view method, const Object& args = {}) const;

  // Sends without an answer; returns when the broker has it.
  void cast(std::string_view method, const Object& args = {}) const;

  // Whether the version cap allows messages of `version` (default: the target's).
  bool can_send_version(const std::optional<std::string>& version) const;
  bool can_send_version() const { return can_send_version(target_.version); }

  // Where the next calls of this copy note their stages; for tools that explain where time went.
  void trace(std::shared_ptr<Timeline> timeline) { timeline_ = std::move(timeline); }

 private:
  [[noreturn]] static void throw_unexpected_result(std::string_view method, const std::string& why);
  // How the driver's answer becomes the caller's.
  class Interpreter;
  Interpreter interpreter() const;
  Message request(std::string_view method, const Object& args) const;
  SendOptions send_options() const;
  CallOptions call_options() const;

  Transport* transport_;
  Target target_;
  RpcOptions options_;
  std::shared_ptr<Timeline> timeline_;
};

}  // namespace gantry
