// SPDX-License-Identifier: Apache-2.0
// gantry_caller URL: a client that lives on while brokers come and go. Each line of its standard
// input is a call as JSON: {"topic": …, "method": …, "args": {…}}, with "server", "timeout_ms" and
// "monitor_ms" if wanted. Each is answered by a line: {"result": …}, or {"error": the type, "text":
// …} and what else that type knows. Exceptions of Python's own and the application's
// `oslo_endpoints.Overheated` arrive as types of this program.
#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/json.hpp"
#include "gantry/rpc/client.hpp"

namespace {

using gantry::Object;
using gantry::Value;

// The application's own exception, whose second argument only it knows.
class Overheated : public std::runtime_error, public gantry::RemoteException {
 public:
  explicit Overheated(const gantry::Failure& failure)
      : std::runtime_error(failure.message),
        RemoteException(failure),
        degrees_(failure.kwargs.at("degrees").as_int64()) {}
  std::int64_t degrees() const noexcept { return degrees_; }

 private:
  std::int64_t degrees_;
};

std::shared_ptr<const gantry::RemoteExceptions> known_exceptions() {
  auto known = gantry::RemoteExceptions::standard();
  known.add("oslo_endpoints", "Overheated",
            [](const gantry::Failure& failure) { throw Overheated(failure); });
  return std::make_shared<const gantry::RemoteExceptions>(std::move(known));
}

Object told(std::string_view type, const std::exception& error, Object more = {}) {
  more["error"] = type;
  more["text"] = error.what();
  return more;
}

Object told(const gantry::Failure& failure) {
  return {{"class", failure.class_name},
          {"module", failure.module},
          {"message", failure.message},
          {"traceback", failure.traceback.size()}};
}

// What the call under way has thrown.
Object outcome_of_error() {
  try {
    throw;
  } catch (const Overheated& error) {
    Object more = told(error.failure());
    more["degrees"] = error.degrees();
    return told("Overheated", error, more);
  } catch (const std::invalid_argument& error) {
    return told("std::invalid_argument", error,
                {{"traceback", gantry::remote_traceback(error).size()}});
  } catch (const gantry::RemoteError& error) {
    return told("RemoteError", error, told(error.failure()));
  } catch (const gantry::MessageUndeliverable& error) {
    return told("MessageUndeliverable", error,
                {{"exchange", error.exchange()}, {"routing_key", error.routing_key()}});
  } catch (const gantry::MessagingTimeout& error) {
    return told("MessagingTimeout", error, {{"cause", to_string(error.cause())}});
  } catch (const gantry::MessagingException& error) {
    return told("MessagingException", error);
  }
}

std::optional<std::chrono::milliseconds> milliseconds_of(const Object& call, const char* key) {
  const auto* given = call.if_contains(key);
  if (given == nullptr) return std::nullopt;
  return std::chrono::milliseconds(given->as_int64());
}

Object outcome_of(const gantry::RpcClient& client, const Object& call) {
  gantry::Prepared how{.topic = std::string(call.at("topic").as_string())};
  if (const auto* server = call.if_contains("server"))
    how.server = std::string(server->as_string());
  if (const auto timeout = milliseconds_of(call, "timeout_ms")) how.timeout = *timeout;
  if (const auto monitor = milliseconds_of(call, "monitor_ms")) how.monitor = *monitor;
  try {
    return {{"result",
             client.prepare(how).call(call.at("method").as_string(), call.at("args").as_object())}};
  } catch (...) {
    return outcome_of_error();
  }
}

void serve_input(const std::string& url) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(gantry::TransportConfig{.url = url});
  const gantry::RpcClient client(bus, {}, {.remote_exceptions = known_exceptions()});
  for (std::string line; std::getline(std::cin, line);) {
    const auto call = gantry::parse_json(line);
    std::cout << gantry::to_json(outcome_of(client, call.as_object())) << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("usage: gantry_caller URL");
  serve_input(argv[1]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << '\n';
  return 1;
}
