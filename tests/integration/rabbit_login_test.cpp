// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "log_capture.hpp"
#include "rabbit_fixture.hpp"

// What a transport is refused for when it is opened, before any broker is asked.
namespace gantry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kTaken = "no error";

std::string refusal(const std::string& url) {
  return message_of<ConfigurationError>([&] { open_rabbit(url); });
}

TEST(RabbitTlsSettings, TheSchemeOrTheOptionAsksForTls) {
  for (const auto* url : {"rabbit+tls://localhost/", "kombu+tls://localhost/",
                          "rabbit://localhost/?ssl=true", "rabbit+tls://localhost/?ssl=true"})
    EXPECT_EQ(refusal(url), kTaken) << url;
  EXPECT_THAT(refusal("rabbit+ssl://localhost/"),
              AllOf(HasSubstr("rabbit+ssl"), HasSubstr("rabbit+tls://")));
}

TEST(RabbitTlsSettings, WhatWouldHaveNoEffectIsRefused) {
  for (const auto* option : {"ssl_ca_file=/ca.pem", "ssl_cert_file=/c.pem", "ssl_key_file=/k.pem",
                             "ssl_version=TLSv1_2", "ssl_enforce_hostname_verification=false",
                             "insecure_skip_verify=true", "ssl_enforce_fips_mode=true"})
    EXPECT_THAT(
        refusal(std::string("rabbit://localhost/?") + option),
        AllOf(HasSubstr(std::string(option, std::strchr(option, '='))), HasSubstr("without TLS")));
}

TEST(RabbitTlsSettings, VersionsFrom1_2OnInAnyCase) {
  for (const auto* version : {"TLSv1_2", "tlsv1_2", "TLSV1_3"})
    EXPECT_EQ(refusal(std::string("rabbit+tls://localhost/?ssl_version=") + version), kTaken);
  for (const auto* version : {"TLSv1", "TLSv1_1", "SSLv2", "SSLv3", "SSLv23", "newest"})
    EXPECT_THAT(refusal(std::string("rabbit+tls://localhost/?ssl_version=") + version),
                AllOf(HasSubstr(version), HasSubstr("TLSv1_3")));
}

TEST(RabbitTlsSettings, FipsModeIsRefusedWhereOpenSslIsNotInIt) {
  EXPECT_THAT(refusal("rabbit+tls://localhost/?ssl_enforce_fips_mode=true"),
              HasSubstr("not in FIPS mode"));
}

TEST(RabbitTlsSettings, AFileThatCannotBeUsedIsNamed) {
  const auto garbage = std::filesystem::temp_directory_path() / ("no_pem_" + wire::new_id());
  std::ofstream(garbage) << "no certificate";
  for (const auto* option : {"ssl_ca_file", "ssl_cert_file"}) {
    const auto url = std::string("rabbit+tls://localhost/?") + option + "=";
    EXPECT_THAT(refusal(url + "/not/there.pem"),
                AllOf(HasSubstr(option), HasSubstr("/not/there.pem"), HasSubstr("No such file")));
    EXPECT_THAT(refusal(url + garbage.string()), AllOf(HasSubstr(option), HasSubstr("no_pem_")));
  }
  EXPECT_THAT(refusal("rabbit+tls://localhost/?ssl_key_file=/key.pem"), HasSubstr("ssl_cert_file"));
  std::filesystem::remove(garbage);
}

TEST(RabbitLogin, ExternalNeedsACertificate) {
  for (const auto* scheme : {"rabbit", "rabbit+tls"})
    EXPECT_THAT(refusal(std::string(scheme) + "://localhost/?rabbit_login_method=EXTERNAL"),
                AllOf(HasSubstr("EXTERNAL"), HasSubstr("ssl_cert_file")));
}

TEST(RabbitLogin, SEC_4_APasswordInTheClearCanBeForbidden) {
  const std::string query = "?allow_plain_over_tcp=false";
  EXPECT_THAT(refusal("rabbit://u:p@localhost,u:p@mq.example/" + query),
              AllOf(HasSubstr("mq.example:5672"), HasSubstr("allow_plain_over_tcp")));
  EXPECT_THAT(refusal("rabbit://u:p@127.mq.example/" + query), HasSubstr("127.mq.example:5672"));
  for (const auto* url : {"rabbit://u:p@localhost/", "rabbit://u:p@127.0.0.2/",
                          "rabbit://u:p@[::1]/", "rabbit+tls://u:p@mq.example/"})
    EXPECT_EQ(refusal(url + query), kTaken) << url;
  EXPECT_EQ(refusal("rabbit://u:p@mq.example/"), kTaken);
}

TEST(RabbitLogin, SEC_21_GuestAtARemoteHostIsWarnedOfOnce) {
  LogCapture log;
  open_rabbit("rabbit://localhost,127.0.0.1,u:p@mq1.example/");
  EXPECT_EQ(log.warnings("guest"), 0U) << log.all();
  open_rabbit("rabbit://u:p@mq1.example,mq2.example,guest:x@mq3.example/");
  EXPECT_EQ(log.warnings("guest"), 1U) << log.all();
  EXPECT_EQ(log.warnings("mq2.example:5672"), 1U) << log.all();
}

}  // namespace
}  // namespace gantry::test
