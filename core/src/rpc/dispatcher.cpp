// SPDX-License-Identifier: Apache-2.0
#include "dispatcher.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "gantry/log.hpp"
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

Object arguments_of(const Object& body) {
  const Value* args = body.if_contains("args");
  if (args == nullptr) return {};
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

// What the caller did wrong is no news for the server's operator.
LogLevel level_of(const std::exception_ptr& error) {
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

}  // namespace

Reply Dispatcher::dispatch(const IncomingMessage& request) const noexcept {
  try {
    return run(request);
  } catch (...) {
    auto failure = failure_of(std::current_exception());
    log(level_of(std::current_exception()),
        "request '" + printable(method_of(request.message().body), 80) +
            "' failed: " + failure.class_name + ": " + printable(failure.message));
    return failure;
  }
}

Value Dispatcher::run(const IncomingMessage& request) const {
  const Object& body = request.message().body;
  const auto& method = find(body);
  const Context context{request.message().context, request.facts().id, request.facts().deadline};
  return method(context, arguments_of(body));
}

const Endpoint::Method& Dispatcher::find(const Object& body) const {
  const auto name = method_of(body);
  const auto ns = namespace_of(body);
  const auto version = version_of(body, name);
  bool fits = false;
  for (const auto& endpoint : endpoints_) {
    if (!endpoint.accepts_namespace(ns) || !compatible(endpoint.version(), version)) continue;
    fits = true;
    if (name.starts_with('_')) continue;  // private by convention (DISP-8)
    if (const auto* method = endpoint.find(name)) return *method;
  }
  if (fits) throw NoSuchMethod(printable(name, 80));
  throw UnsupportedVersion(text_of(body, "version").value_or("1.0"), printable(name, 80));
}

}  // namespace gantry
