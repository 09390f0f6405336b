// SPDX-License-Identifier: Apache-2.0
#include "topology.hpp"

#include <gtest/gtest.h>

#include <boost/json/value_to.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/routing.hpp"
#include "option_table.hpp"

// What is declared under each option, against what oslo.messaging was seen to declare.
namespace gantry::rabbit {
namespace {

Settings settings_of(std::string_view query) {
  const auto url = TransportUrl::parse("rabbit:///?" + std::string(query));
  std::vector<OptionSetting> settings;
  for (const auto& [name, text] : url.query) settings.push_back({name, text, "here"});
  return Settings::from({url, Options::resolve(kOptions, settings), "openstack"});
}

Value field_of(const Argument& argument) {
  if (const auto* flag = std::get_if<bool>(&argument.value)) return {"t", *flag};
  if (const auto* number = std::get_if<std::int64_t>(&argument.value))
    return {*number > std::numeric_limits<std::int32_t>::max() ? "L" : "I", *number};
  return {"S", std::get<std::string>(argument.value)};
}

Object table_of(const Arguments& arguments) {
  Object table;
  for (const auto& argument : arguments) table[argument.key] = field_of(argument);
  return table;
}

// The frames that a subscription makes, as the vectors have them.
void declare(const Subscribed& subscribed, std::vector<Object>& frames) {
  const auto& [exchange, queue, key] = subscribed;
  if (!exchange.name.empty())
    frames.push_back({{"exchange", exchange.name},
                      {"type", exchange.type},
                      {"passive", false},
                      {"durable", exchange.durable},
                      {"auto_delete", exchange.auto_delete},
                      {"internal", false},
                      {"nowait", false},
                      {"arguments", Object()}});
  frames.push_back({{"queue", queue.name},
                    {"passive", false},
                    {"durable", queue.durable},
                    {"exclusive", false},
                    {"auto_delete", queue.auto_delete},
                    {"nowait", false},
                    {"arguments", table_of(queue.arguments)}});
  if (exchange.name.empty()) return;
  frames.push_back({{"queue", queue.name},
                    {"exchange", exchange.name},
                    {"routing_key", key},
                    {"nowait", false},
                    {"arguments", Object()}});
}

constexpr const char* kSuffix = "00000000000000000000000000000000";

std::string without_ids(const std::vector<Object>& frames) {
  std::string text;
  for (const auto& frame : frames) text += to_json(frame) + '\n';
  return std::regex_replace(text, std::regex("_[0-9a-f]{32}"), "_<hex>");
}

struct VectorTest : testing::TestWithParam<std::string> {
  VectorTest() {
    std::ifstream file(std::string(GANTRY_VECTORS) + "/rabbit/" + GetParam() + ".json");
    vector = parse_json(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
    settings = settings_of(text("url_query"));
  }

  std::string text(const char* key) const { return value_to<std::string>(vector.at(key)); }

  // What one connection of the recording declared.
  std::vector<Object> recorded(std::string_view connection) const {
    std::vector<Object> frames;
    for (const auto& frame : vector.at("frames").as_array()) {
      const std::string_view method = frame.at("method").as_string();
      if (frame.at("from").as_string() != connection || frame.at("dir").as_string() != "c2s")
        continue;
      if (method == "exchange.declare" || method == "queue.declare" || method == "queue.bind")
        frames.push_back(frame.at("args").as_object());
    }
    return frames;
  }
  Object recorded_consume() const {
    for (const auto& frame : vector.at("frames").as_array())
      if (frame.at("method").as_string() == "basic.consume")
        return frame.at("args").at("arguments").as_object();
    return {};
  }

  Object vector;
  Settings settings;
};

TEST_P(VectorTest, AServerDeclaresWhatOsloDeclares) {
  const auto id = text("id");
  const auto& topology = settings.topology;
  const auto [topic, server, fanout] =
      listen_addresses({.exchange = "x_" + id, .topic = "t_" + id, .server = "s1"}, "openstack");
  std::vector<Object> frames;
  declare(topic_subscription(topic, topology), frames);
  declare(topic_subscription(server, topology), frames);
  declare(fanout_subscription(fanout, topology, kSuffix), frames);
  EXPECT_EQ(without_ids(frames), without_ids(recorded("server#1")));
  auto consume = recorded_consume();
  if (!topology.quorum) consume["x-cancel-on-ha-failover"] = {"t", true};  // decision 0016
  EXPECT_EQ(table_of(consumer_arguments(topic_subscription(topic, topology).queue, topology)),
            consume);
}

TEST_P(VectorTest, AClientDeclaresItsReplyQueueAsOsloDoes) {
  std::vector<Object> frames;
  declare(reply_subscription(settings.topology, kSuffix), frames);
  EXPECT_EQ(without_ids(frames), without_ids(recorded("client#1")));
}

TEST_P(VectorTest, NotificationListenersDeclareWhatOsloDeclares) {
  const auto id = text("id");
  for (const auto& [pool, connection] :
       {std::pair{"", "listener#1"}, std::pair{"p_", "pool_listener#1"}}) {
    const auto name = *pool == '\0' ? std::string() : pool + id;
    std::vector<Object> frames;
    declare(stored_subscription("x_" + id, "n_" + id + ".info", name, settings.topology), frames);
    EXPECT_EQ(without_ids(frames), without_ids(recorded(connection)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Wire_3, VectorTest,
    testing::Values("options/default", "options/durable", "options/auto_delete",
                    "options/durable_auto_delete", "options/ha_queues", "options/quorum",
                    "options/quorum_limits", "options/transient_ttl", "options/transient_ttl_huge",
                    "options/prefetch", "options/cancel_on_failover",
                    "options_upstream/transient_quorum", "options_upstream/transient_quorum_limits",
                    "options_upstream/quorum_both", "options_upstream/transient_ttl_zero"),
    [](const auto& file) {
      auto name = file.param;
      std::ranges::replace(name, '/', '_');
      return name;
    });

std::string refusal(const std::string& query) {
  try {
    settings_of(query);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "taken";
}

TEST(RabbitSettings, WhatContradictsIsRefused) {
  for (const auto* query :
       {"rabbit_ha_queues=true&rabbit_quorum_queue=true", "rpc_conn_pool_size=0"})
    EXPECT_THROW(settings_of(query), ConfigurationError) << query;
}

TEST(RabbitSettings, CFG_8_NamesThatOsloHadBeforeAreTaken) {
  std::map<std::string_view, std::string_view> now;
  for (const auto& option : kOptions)
    if (!option.old_name.empty()) now.emplace(option.old_name, option.name);
  const std::map<std::string_view, std::string_view> expected{
      {"kombu_reconnect_timeout", "kombu_missing_consumer_retry_timeout"},
      {"kombu_ssl_ca_certs", "ssl_ca_file"},
      {"kombu_ssl_certfile", "ssl_cert_file"},
      {"kombu_ssl_keyfile", "ssl_key_file"},
      {"kombu_ssl_version", "ssl_version"},
      {"rabbit_use_ssl", "ssl"}};
  EXPECT_EQ(now, expected);
}

TEST(RabbitSettings, CFG_9_APoolThatCannotHoldItsMinimumIsRefusedWithBothNumbers) {
  EXPECT_EQ(refusal("rpc_conn_pool_size=1&conn_pool_min_size=2"),
            "rpc_conn_pool_size (1) is below conn_pool_min_size (2); raise the first");
  EXPECT_EQ(refusal("rpc_conn_pool_size=1"), refusal("rpc_conn_pool_size=1&conn_pool_min_size=2"));
}

TEST(RabbitSettings, CFG_10_StreamFanoutNamesTheOptionThatItLacks) {
  const std::string streams = "rabbit_stream_fanout=true&";
  const auto names = [&](const std::string& others, std::string_view missing) {
    EXPECT_NE(refusal(streams + others).find(missing), std::string::npos) << refusal(streams);
  };
  names("rabbit_transient_quorum_queue=true", "rabbit_qos_prefetch_count");
  names("rabbit_qos_prefetch_count=10", "rabbit_transient_quorum_queue");
  EXPECT_EQ(refusal(streams + "rabbit_transient_quorum_queue=true&rabbit_qos_prefetch_count=10"),
            "taken");
}

TEST(RabbitSettings, WIRE_12_ARetryIntervalOfNoughtIsASecond) {
  EXPECT_EQ(settings_of("rabbit_retry_interval=0").backoff.first, std::chrono::seconds(1));
  EXPECT_EQ(settings_of("rabbit_retry_interval=500ms").backoff.first,
            std::chrono::milliseconds(500));
}

TEST(RabbitSettings, AbsentPartsOfTheUrlHaveOslosDefaults) {
  const auto url = TransportUrl::parse("rabbit://u1@h1,:p2@h2:5/");
  const auto settings = Settings::from({url, Options::resolve(kOptions, {}), "openstack"});
  ASSERT_EQ(settings.brokers.size(), 2U);
  EXPECT_EQ(settings.brokers[0].name(), "h1:5672");
  EXPECT_EQ(settings.brokers[0].user + '/' + settings.brokers[0].password, "u1/guest");
  EXPECT_EQ(settings.brokers[1].name(), "h2:5");
  EXPECT_EQ(settings.brokers[1].user + '/' + settings.brokers[1].password, "guest/p2");
  EXPECT_EQ(settings.virtual_host, "/");
}

}  // namespace
}  // namespace gantry::rabbit
