// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "gantry/failure.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"

namespace gantry {

inline Endpoint calculator() {
  Endpoint calc("1.5");
  calc.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
  calc.method("greet", {"name", "greeting"},
              [](const std::string& name, std::optional<std::string> greeting) {
                return greeting.value_or("hello") + ' ' + name;
              });
  calc.method("echo", [](const Context&, const Object& args) { return Value(args); });
  calc.method("nothing", {}, [] {});
  calc.method("who", {}, [](const Context& context) { return context.values.at("user"); });
  calc.method("fail", {"what"}, [](const std::string& what) {
    if (what == "standard") throw std::invalid_argument("not that one");
    if (what == "remote")
      throw RemoteFailure({.class_name = "Odd", .module = "app", .message = "x"});
    throw 42;
  });
  calc.method("_private", {}, [] { return 1; });
  return calc;
}

// Servers on a broker of their own, and a client of them.
struct RpcServerTest : testing::Test {
  Transport transport = fake_transport();
  RpcClient client{transport, {.topic = "calc", .version = "1.0"}};
  std::vector<std::unique_ptr<RpcServer>> servers;

  RpcServer& serve(std::vector<Endpoint> endpoints, std::string server = "s1",
                   ServerOptions options = {}) {
    servers.push_back(
        std::make_unique<RpcServer>(transport, Target{.topic = "calc", .server = std::move(server)},
                                    std::move(endpoints), options));
    servers.back()->start();
    return *servers.back();
  }

  RemoteError error_of(std::string_view method, const Object& args = {}) {
    return error_of(client, method, args);
  }
  static RemoteError error_of(const RpcClient& caller, std::string_view method,
                              const Object& args = {}) {
    try {
      caller.call(method, args);
    } catch (const RemoteError& error) {
      return error;
    }
    ADD_FAILURE() << method << " succeeded";
    return RemoteError({});
  }
};

}  // namespace gantry
