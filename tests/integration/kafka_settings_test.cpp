// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "kafka_settings.hpp"

// What of a URL reaches librdkafka (wire §11, §12.2).
namespace gantry::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(KafkaSettings, WIRE_11_HostsAreTheBootstrapServers) {
  EXPECT_EQ(settings_of("kafka://h1,[::1]:5,h3:7/").client.at("bootstrap.servers"),
            "h1:9092,[::1]:5,h3:7");
  EXPECT_EQ(settings_of("kafka:///").client.at("bootstrap.servers"), "localhost:9092");
}

TEST(KafkaSettings, WIRE_12_2_OptionsOfTheProducerAreOslos) {
  const auto settings = settings_of(
      "kafka://h/?producer_batch_timeout=0.5&producer_batch_size=100&compression_codec=lz4");
  EXPECT_EQ(settings.producer.at("linger.ms"), "500");
  EXPECT_EQ(settings.producer.at("batch.num.messages"), "100");
  EXPECT_EQ(settings.producer.at("compression.codec"), "lz4");
  EXPECT_EQ(settings.producer.at("acks"), "all");
  EXPECT_EQ(settings.producer.at("enable.idempotence"), "true");
}

TEST(KafkaSettings, WIRE_12_2_OptionsOfTheConsumerAreOslos) {
  const auto settings = settings_of(
      "kafka://h/?kafka_max_fetch_bytes=5000&consumer_group=grp1&enable_auto_commit=true");
  EXPECT_EQ(settings.consumer.at("max.partition.fetch.bytes"), "5000");
  EXPECT_EQ(settings.consumer.at("enable.auto.commit"), "false") << "positions are ours to commit";
  EXPECT_EQ(settings.consumer_group, "grp1");
  EXPECT_TRUE(settings.auto_commit);
  EXPECT_EQ(settings_of("kafka://h/").consumer_group, "oslo_messaging_consumer");
}

TEST(KafkaSettings, WIRE_11_TheLoginIsTheFirstHosts) {
  const auto settings = settings_of(
      "kafka://u:p@h1,v:q@h2/?security_protocol=SASL_PLAINTEXT&sasl_mechanism=SCRAM-SHA-256");
  EXPECT_EQ(settings.client.at("sasl.username"), "u");
  EXPECT_EQ(settings.client.at("sasl.password"), "p");
  EXPECT_EQ(settings.client.at("sasl.mechanism"), "SCRAM-SHA-256");
}

TEST(KafkaSettings, SEC_3_TlsChecksTheHostsName) {
  for (const auto* const url : {"kafka+tls://h/", "kafka://h/?security_protocol=SSL",
                                "kafka+tls://u:p@h/?security_protocol=SASL_PLAINTEXT"}) {
    const auto client = settings_of(url).client;
    EXPECT_EQ(client.at("ssl.endpoint.identification.algorithm"), "https") << url;
    EXPECT_EQ(client.at("enable.ssl.certificate.verification"), "true") << url;
  }
}

TEST(KafkaSettings, SEC_3_NothingOfItIsTurnedOffByTheUrl) {
  for (const auto* const setting :
       {"ssl.endpoint.identification.algorithm:none", "enable.ssl.certificate.verification:false",
        "security.protocol:PLAINTEXT"})
    EXPECT_THAT(message_of<ConfigurationError>(
                    [&] { settings_of(std::string("kafka+tls://h/?rdkafka=") + setting); }),
                HasSubstr("promises rest on it"))
        << setting;
}

// A mechanism that shows the password, one that is shown itself, and programs that would be run.
TEST(KafkaSettings, SEC_4_TheLoginIsNotMadeAnotherByTheUrl) {
  for (const auto* const setting :
       {"security.protocol:SASL_PLAINTEXT", "sasl.mechanism:PLAIN", "sasl.mechanisms:PLAIN",
        "sasl.username:u", "sasl.password:s3cret", "sasl.kerberos.kinit.cmd:true",
        "plugin.library.paths:x.so", "ssl.engine.location:x.so", "ssl.providers:/x"}) {
    const auto text = message_of<ConfigurationError>(
        [&] { settings_of(std::string("kafka://h/?rdkafka=") + setting); });
    EXPECT_THAT(text, HasSubstr("is set by the driver")) << setting;
    EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  }
}

TEST(KafkaSettings, SEC_4_APasswordGoesInTheClearOnlyToThisHost) {
  const std::string query = "?security_protocol=SASL_PLAINTEXT";
  EXPECT_NO_THROW(settings_of("kafka://u:p@127.0.0.1/" + query));
  EXPECT_NO_THROW(settings_of("kafka://u:p@h/" + query + "&allow_plain_over_tcp=true"));
  EXPECT_THROW(settings_of("kafka://u:p@127.example.org/" + query), ConfigurationError);
  const auto text =
      message_of<ConfigurationError>([&] { settings_of("kafka://u:s3cret@h/" + query); });
  EXPECT_THAT(text, HasSubstr("allow_plain_over_tcp"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

TEST(KafkaSettings, ALoginNeedsAUser) {
  EXPECT_THAT(
      message_of<ConfigurationError>([] { settings_of("kafka://h/?security_protocol=SASL_SSL"); }),
      HasSubstr("needs a user"));
}

TEST(KafkaSettings, WhatLibrdkafkaRefusesIsToldWhenTheTransportOpens) {
  EXPECT_THAT(
      message_of<ConfigurationError>([] { open_kafka("kafka://h/?rdkafka=no.such.setting:1"); }),
      HasSubstr("no.such.setting"));
  EXPECT_THAT(message_of<ConfigurationError>([] { open_kafka("kafka://h/?rdkafka=linger.ms:x"); }),
              HasSubstr("linger.ms"));
  EXPECT_THAT(message_of<ConfigurationError>([] { open_kafka("kafka://h/?rdkafka=acks:1"); }),
              HasSubstr("acks"));
  EXPECT_THAT(message_of<ConfigurationError>(
                  [] { settings_of("kafka://h/?rdkafka=delivery.report.only.error:true"); }),
              HasSubstr("promises rest on it"));
}

TEST(KafkaSettings, APrefixIsTheBeginningOfAKafkaName) {
  EXPECT_THROW(settings_of("kafka://h/?rpc_prefix=a%20b"), ConfigurationError);
  EXPECT_THROW(settings_of("kafka://h/?rpc_prefix="), ConfigurationError);
}

}  // namespace
}  // namespace gantry::test
