// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kPort = 9092;

std::string host_name(const TransportHost& host) {
  const auto name = host.hostname.value_or("");
  if (name.empty()) return "localhost";
  return name.find(':') == std::string::npos ? name : '[' + name + ']';
}

std::string bootstrap_servers(const TransportUrl& url) {
  std::string servers;
  for (const auto& host : url.hosts)
    servers += fmt::format("{}{}:{}", servers.empty() ? "" : ",", host_name(host),
                           host.port.value_or(kPort));
  return servers.empty() ? fmt::format("localhost:{}", kPort) : servers;
}

bool is_loopback(const TransportHost& host) {
  const auto name = host_name(host);
  in_addr address{};
  const bool is_ipv4 = ::inet_pton(AF_INET, name.c_str(), &address) == 1;
  return name == "localhost" || name == "[::1]" ||
         (is_ipv4 && ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET);
}

std::string security_protocol(const DriverContext& context) {
  const auto& protocol = context.options.get<std::string>("security_protocol");
  const auto& scheme = context.url.transport;
  if (!scheme.ends_with("+tls")) {
    if (scheme == "kafka") return protocol;
    throw ConfigurationError(
        fmt::format("the scheme {} is not known: use kafka or kafka+tls", printable(scheme)));
  }
  if (protocol == "PLAINTEXT") return "SSL";
  return protocol == "SASL_PLAINTEXT" ? "SASL_SSL" : protocol;
}

// One pair for all brokers, as in oslo.messaging: that of the first host.
void set_login(ClientSettings& client, const DriverContext& context) {
  const auto& hosts = context.url.hosts;
  if (!client.at("security.protocol").starts_with("SASL")) return;
  const auto& mechanism = context.options.get<std::string>("sasl_mechanism");
  client["sasl.mechanism"] = mechanism;
  if (hosts.empty() || !hosts.front().username) {
    if (mechanism == "PLAIN" || mechanism.starts_with("SCRAM"))
      throw ConfigurationError(fmt::format(
          "security_protocol {} with sasl_mechanism {} needs a user and a password in the URL",
          client.at("security.protocol"), printable(mechanism)));
    return;
  }
  client["sasl.username"] = hosts.front().username.value_or("");
  client["sasl.password"] = hosts.front().password.value_or("");
  const bool bare = client.at("security.protocol") == "SASL_PLAINTEXT" && mechanism == "PLAIN";
  if (bare && !std::ranges::all_of(hosts, is_loopback) &&
      !context.options.get<bool>("allow_plain_over_tcp"))
    throw ConfigurationError(
        "SASL PLAIN without TLS shows the password to the network: use security_protocol "
        "SASL_SSL, a SCRAM mechanism, or set allow_plain_over_tcp");
}

// Certificates are always checked, and the host's name in them.
void set_tls(ClientSettings& client, const Options& options) {
  if (client.at("security.protocol").find("SSL") == std::string::npos) return;
  client["enable.ssl.certificate.verification"] = "true";
  client["ssl.endpoint.identification.algorithm"] = "https";
  constexpr std::array files{
      std::pair{"ssl.ca.location", "ssl_cafile"},
      std::pair{"ssl.certificate.location", "ssl_client_cert_file"},
      std::pair{"ssl.key.location", "ssl_client_key_file"},
      std::pair{"ssl.key.password", "ssl_client_key_password"},
  };
  for (const auto& [setting, option] : files) {
    const auto& value = options.get<std::string>(option);
    if (!value.empty()) client[setting] = value;
  }
}

ClientSettings client_settings(const DriverContext& context) {
  ClientSettings client{{"bootstrap.servers", bootstrap_servers(context.url)},
                        {"client.id", "gantry"},
                        {"security.protocol", security_protocol(context)},
                        {"socket.keepalive.enable", "true"},
                        {"reconnect.backoff.ms", "50"},
                        {"reconnect.backoff.max.ms", "1000"},
                        {"log.connection.close", "false"},
                        {"allow.auto.create.topics", "false"}};
  set_tls(client, context.options);
  set_login(client, context);
  return client;
}

ClientSettings producer_settings(const Options& options) {
  const auto number = [&](std::string_view name) {
    return std::to_string(options.get<std::int64_t>(name));
  };
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"linger.ms", std::to_string(options.get<milliseconds>("producer_batch_timeout").count())},
      {"batch.num.messages", number("producer_batch_size")},
      {"compression.codec", options.get<std::string>("compression_codec")},
      {"message.timeout.ms", "300000"},
      {"sticky.partitioning.linger.ms", "0"},
      {"topic.metadata.propagation.max.ms", "1000"}};
}

ClientSettings consumer_settings(const Options& options) {
  const auto session = options.get<milliseconds>("session_timeout").count();
  return {{"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"enable.partition.eof", "false"},
          {"session.timeout.ms", std::to_string(session)},
          {"heartbeat.interval.ms", std::to_string(std::max<std::int64_t>(session / 6, 100))},
          {"fetch.wait.max.ms",
           std::to_string(options.get<milliseconds>("kafka_consumer_timeout").count())},
          {"max.partition.fetch.bytes",
           std::to_string(options.get<std::int64_t>("kafka_max_fetch_bytes"))},
          {"queued.max.messages.kbytes", "16384"},
          {"fetch.error.backoff.ms", "100"}};
}

// Without these the driver would promise what it does not keep, and some run code or show secrets.
void check_overrides(const ClientSettings& overrides) {
  constexpr std::array<std::string_view, 22> fixed{
      "acks",
      "request.required.acks",
      "bootstrap.servers",
      "delivery.report.only.error",
      "metadata.broker.list",
      "enable.auto.commit",
      "enable.auto.offset.store",
      "enable.idempotence",
      "enable.ssl.certificate.verification",
      "group.id",
      "partition.assignment.strategy",
      "plugin.library.paths",
      "sasl.kerberos.kinit.cmd",
      "sasl.mechanism",
      "sasl.mechanisms",
      "sasl.password",
      "sasl.username",
      "security.protocol",
      "ssl.endpoint.identification.algorithm",
      "ssl.engine.location",
      "ssl.providers",
      "sticky.partitioning.linger.ms",
  };
  for (const auto& [name, value] : overrides)
    if (std::ranges::find(fixed, name) != fixed.end())
      throw ConfigurationError(
          fmt::format("rdkafka: '{}' is set by the driver, whose promises rest on it; leave it out",
                      printable(name)));
}

std::string prefix_of(const Options& options) {
  constexpr std::size_t longest = 64;
  const auto& prefix = options.get<std::string>("rpc_prefix");
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  };
  if (!prefix.empty() && prefix.size() <= longest && std::ranges::all_of(prefix, allowed))
    return prefix;
  throw ConfigurationError(
      fmt::format("rpc_prefix: '{}' cannot begin a Kafka name: use 1 to {} letters, digits, dots, "
                  "dashes and underscores",
                  printable(prefix), longest));
}

}  // namespace

Settings Settings::from(const DriverContext& context) {
  const auto& options = context.options;
  Settings settings;
  settings.client = client_settings(context);
  settings.producer = producer_settings(options);
  settings.consumer = consumer_settings(options);
  settings.overrides = options.get<std::map<std::string, std::string>>("rdkafka");
  check_overrides(settings.overrides);
  settings.default_exchange = context.default_exchange;
  settings.virtual_host = context.url.virtual_host.value_or("");
  settings.consumer_group = options.get<std::string>("consumer_group");
  settings.offset_reset = options.get<std::string>("auto_offset_reset");
  settings.auto_commit = options.get<bool>("enable_auto_commit");
  settings.partition_by_publisher = options.get<std::string>("partition_by") == "publisher";
  settings.key_is_publisher = options.get<std::string>("record_key") == "publisher";
  settings.max_poll_records =
      static_cast<std::size_t>(options.get<std::int64_t>("max_poll_records"));
  settings.max_message_bytes =
      static_cast<std::size_t>(options.get<std::int64_t>("max_message_bytes"));
  settings.client["message.max.bytes"] = std::to_string(settings.longest_record());
  settings.session_timeout = options.get<milliseconds>("session_timeout");
  settings.rebalance_patience = options.get<milliseconds>("rebalance_patience");
  settings.close_timeout = options.get<milliseconds>("close_timeout");
  settings.rpc_prefix = prefix_of(options);
  settings.rpc_partitions = static_cast<int>(options.get<std::int64_t>("rpc_partitions"));
  settings.reply_partitions = static_cast<int>(options.get<std::int64_t>("rpc_reply_partitions"));
  settings.ledger = context.ledger;
  return settings;
}

}  // namespace gantry::kafka
