// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "gantry/error.hpp"
#include "kafka_fixture.hpp"

namespace gantry::test {

inline constexpr std::string_view kTaken = "no error";

// A test beside the listeners of kafka_secure.py.
class KafkaSecureTest : public KafkaTest {
 protected:
  // Passwords, the right one and another: whatever is logged or thrown must hold neither.
  static constexpr std::string_view kCanary = "c4n4ry";
  static constexpr std::string_view kUser = "ada:c4n4ry-7d1e@";
  static constexpr std::string_view kIntruder = "ada:c4n4ry-0000@";

  void SetUp() override {
    if (std::getenv("GANTRY_TEST_TLS_FILES") == nullptr)
      GTEST_SKIP() << "GANTRY_TEST_TLS_FILES is not set; run this through kafka_secure.py";
  }

  static std::string file(const std::string& name) {
    return std::string(std::getenv("GANTRY_TEST_TLS_FILES")) + "/" + name;
  }
  static std::string at(const std::string& host, const std::string& listener) {
    return host + ":" + std::getenv(("GANTRY_TEST_TLS_PORT_" + listener).c_str());
  }
  static std::string trusting() { return "ssl_cafile=" + file("ca.pem"); }
  static std::string with_client(const std::string& name, const std::string& key) {
    return trusting() + "&ssl_client_cert_file=" + file(name + ".pem") +
           "&ssl_client_key_file=" + file(key + ".key");
  }
  static std::string login(const std::string& protocol, const std::string& mechanism) {
    return "security_protocol=" + protocol + "&sasl_mechanism=" + mechanism + "&" +
           (protocol == "SASL_SSL" ? trusting() : "");
  }
  static Transport open_at(const std::string& hosts, const std::string& query) {
    return open_kafka("kafka://" + hosts + "/?session_timeout=4&kafka_consumer_timeout=0.05&" +
                      query);
  }
  static Transport open_tls(const std::string& hosts, const std::string& query = trusting()) {
    return open_at(hosts, "security_protocol=SSL&" + query);
  }

  // What a notification is refused with, which may take all the time there is; kTaken when it is
  // not.
  std::string refusal(Transport transport) const {
    return message_of<AuthenticationFailed>([&] { notify(transport, 1); });
  }

  // How often the broker has refused a login or a certificate at a listener so far.
  static std::size_t refusals_at(const std::string& listener) {
    std::ifstream log(std::getenv("GANTRY_TEST_KAFKA_LOG"));
    std::size_t count = 0;
    for (std::string line; std::getline(log, line);)
      if (line.find("ListenerName(" + listener + ")") != line.npos &&
          line.find("Failed authentication") != line.npos)
        ++count;
    return count;
  }
};

}  // namespace gantry::test
