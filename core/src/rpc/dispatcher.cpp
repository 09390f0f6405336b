// SPDX-License-Identifier: Apache-2.0
#include "dispatcher.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
#include "gantry/rpc/context.hpp"
#include "gantry/version.hpp"

namespace gantry {
namespace {

// A field as text: absent, or what it is even where it should be a string but is not.
std::optional<std::string> text_of(const Object& body, std::string_view field) {
  const Value* value = body.if_contains(field);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  return to_json(*value);
}

std::optional<std::string> namespace_of(const Object& body) {
  const Value* value = body.if_contains("namespace");
  if (value == nullptr || value->is_null()) return std::nullopt;
  return text_of(body, "namespace");
}

const Object& arguments_of(const Object& body) {
  static const auto* const none = new Object;  // never destroyed: a server may outlive statics
  const Value* args = body.if_contains("args");
  if (args == nullptr) return *none;
  if (!args->is_object()) throw InvalidArgument("the request's args are not an object");
  return args->get_object();
}

std::string method_of(const Object& body) { return text_of(body, "method").value_or(""); }

// An absent version is 1.0; one that is no version is served by nobody (DISP-4).
Version version_of(const Object& body, const std::string& method) {
  const Value* given = body.if_contains("version");
  if (given == nullptr) return {};
  try {
    if (given->is_string()) return Version::parse(given->get_string());
  } catch (const InvalidVersion&) {
  }
  throw UnsupportedVersion(printable(*text_of(body, "version"), 40), printable(method, 80));
}

bool is_expected(const Endpoint::Method* method, const std::exception_ptr& error) {
  if (method == nullptr) return false;
  const auto& expects = method->options.expects;
  return std::ranges::any_of(expects, [&](ExpectedError is) { return is(error); });
}

// What the caller did wrong, and what a method is known to throw, is no news for the operator.
LogLevel level_of(const Endpoint::Method* method, const std::exception_ptr& error) {
  if (is_expected(method, error)) return LogLevel::debug;
  try {
    std::rethrow_exception(error);
  } catch (const RPCDispatcherError&) {
    return LogLevel::debug;
  } catch (const RemoteFailure&) {
    return LogLevel::debug;
  } catch (...) {
    return LogLevel::error;
  }
}

thread_local Deadline served_until = never;

// While a thread serves a request, the calls that it makes end by the request's deadline.
class Serving {
 public:
  explicit Serving(Deadline deadline) : former_(std::exchange(served_until, deadline)) {}
  Serving(const Serving&) = delete;
  ~Serving() { served_until = former_; }

 private:
  const Deadline former_;
};

}  // namespace

Deadline deadline_of_served_request() noexcept { return served_until; }

Dispatcher::Dispatcher(std::vector<Endpoint> endpoints, std::shared_ptr<const AccessPolicy> policy,
                       std::shared_ptr<const Serializer> serializer)
    : endpoints_(std::move(endpoints)),
      policy_(policy ? std::move(policy) : std::make_shared<DefaultAccessPolicy>()),
      serializer_(std::move(serializer)) {}

std::string Dispatcher::describe(const Object& body) { return printable(method_of(body), 80); }

Reply Dispatcher::dispatch(const IncomingMessage& request) const noexcept {
  const Endpoint::Method* method = nullptr;
  try {
    method = &find(request.message().body);
    return run(request, *method);
  } catch (...) {
    auto failure = failure_of(std::current_exception());
    log(level_of(method, std::current_exception()), "request '" + describe(request.message().body) +
                                                        "' failed: " + failure.class_name + ": " +
                                                        printable(failure.message));
    return failure;
  }
}

// The context first, then each argument with it, the method, and its result (DISP-11).
Value Dispatcher::run(const IncomingMessage& request, const Endpoint::Method& method) const {
  const auto& [body, values, headers] = request.message();
  const Context context{serializer_ ? serializer_->deserialize_context(values) : values,
                        request.facts().id, request.facts().deadline};
  const Object& received = arguments_of(body);
  const Serving serving(request.facts().deadline);
  if (!serializer_) return method.run(context, received);
  Object args = received;
  for (auto& member : args) {
    member.value() = serializer_->deserialize_entity(context.values, member.value());
  }
  const auto result = method.run(context, args);
  return serializer_->serialize_entity(context.values, result);
}

const Endpoint::Method& Dispatcher::find(const Object& body) const {
  const auto name = method_of(body);
  const auto ns = namespace_of(body);
  const auto version = version_of(body, name);
  bool fits = false;
  for (const auto& endpoint : endpoints_) {
    if (!endpoint.accepts_namespace(ns) || !compatible(endpoint.version(), version)) continue;
    fits = true;
    const auto* const method = endpoint.find(name);
    if (method != nullptr && policy_->is_allowed(endpoint, name)) return *method;
  }
  if (fits) throw NoSuchMethod(printable(name, 80));
  throw UnsupportedVersion(text_of(body, "version").value_or("1.0"), printable(name, 80));
}

}  // namespace gantry
