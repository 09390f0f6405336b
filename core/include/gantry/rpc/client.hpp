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
#include "gantry/rpc/pending_call.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"
#include "gantry/value.hpp"

namespace gantry {

// How a client sends; what is not given is inherited from the client (in `prepare`) or the default.
struct RpcOptions {
  std::optional<std::chrono::milliseconds>
      timeout{};  // default: the transport's rpc_response_timeout
  std::optional<std::chrono::milliseconds> monitor{};  // call_monitor_timeout; default: none
  std::optional<int> retry{};                          // default: for ever, within the deadline
  std::optional<bool> at_least_once{};
  std::optional<std::string> version_cap{};
  std::optional<Object> context{};  // sent with every request
};

// What `prepare` overrides: fields of the target, and options. What is absent is inherited.
struct Prepared {
  std::optional<std::string> exchange{};
  std::optional<std::string> topic{};
  std::optional<std::string> ns{};
  std::optional<std::string> version{};
  std::optional<std::string> server{};
  std::optional<bool> fanout{};
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::chrono::milliseconds> monitor{};
  std::optional<int> retry{};
  std::optional<bool> at_least_once{};
  std::optional<std::string> version_cap{};
  std::optional<Object> context{};
};

// Calls methods of remote servers (semantics §15). A value that borrows its transport; cheap to
// copy, and any thread may use it.
//
//   gantry::RpcClient client(bus, {.topic = "calc"});
//   auto sum = client.call<std::int64_t>("add", {{"a", 2}, {"b", 3}});
//   client.prepare({.server = "node-1"}).cast("refresh");
class GANTRY_API RpcClient {
 public:
  // Throws InvalidVersion for a malformed version or version cap.
  RpcClient(Transport& transport, Target target, RpcOptions options = {});

  RpcClient prepare(const Prepared& overrides) const;
  const Target& target() const noexcept { return target_; }

  // Calls and waits for the result. Throws MessagingTimeout, RemoteError, MessageUndeliverable,
  // MessageDeliveryFailure, RPCVersionCapError, InvalidTarget (no topic, or fanout),
  // SerializationError.
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
  Message request(std::string_view method, const Object& args) const;
  SendOptions send_options() const;
  CallOptions call_options() const;

  Transport* transport_;
  Target target_;
  RpcOptions options_;
  std::shared_ptr<Timeline> timeline_;
};

}  // namespace gantry
