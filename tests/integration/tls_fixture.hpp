// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "rabbit_fixture.hpp"

namespace gantry::test {

// A test beside the ports of rabbit_tls.py.
class RabbitTlsTest : public RabbitTest {
 protected:
  // In the place of a password: whatever is logged or thrown must not hold it.
  static constexpr std::string_view kCanary = "c4n4ry-5e1f";

  void SetUp() override {
    if (std::getenv("GANTRY_TEST_TLS_FILES") == nullptr)
      GTEST_SKIP() << "GANTRY_TEST_TLS_FILES is not set; run this through rabbit_tls.py";
  }

  static std::string file(const std::string& name) {
    return std::string(std::getenv("GANTRY_TEST_TLS_FILES")) + "/" + name;
  }
  static std::string at(const std::string& host, const std::string& port) {
    return host + ":" + std::getenv(("GANTRY_TEST_TLS_PORT_" + port).c_str());
  }
  static std::string trusting() { return "ssl_ca_file=" + file("ca.pem"); }
  static std::string with_client(const std::string& name) {
    return trusting() + "&ssl_cert_file=" + file(name + ".pem") +
           "&ssl_key_file=" + file(name + ".key");
  }

  static Transport open_tls(const std::string& hosts, const std::string& query = trusting()) {
    return open_rabbit("rabbit+tls://" + hosts + "/?" + query);
  }

  // What the one attempt of a cast is refused with; "no error" when it is not.
  template <class Error = AuthenticationFailed>
  std::string refusal(const std::string& hosts, const std::string& query = trusting()) {
    return message_of<Error>([&] {
      auto transport = open_tls(hosts, query);
      transport.send({.topic = topic, .fanout = true}, {.body = body_of("m")}, {.retry = 0});
    });
  }
};

inline constexpr std::string_view kTaken = "no error";

}  // namespace gantry::test
