// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <errno.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;

std::string or_else(const std::optional<std::string>& value, std::string_view other) {
  return value.value_or("").empty() ? std::string(other) : *value;
}

std::vector<Broker> brokers_of(const TransportUrl& url) {
  constexpr std::uint16_t kPort = 5672;
  std::vector<Broker> brokers;
  for (const auto& host : url.hosts)
    brokers.push_back({.host = or_else(host.hostname, "localhost"),
                       .port = host.port.value_or(kPort),
                       .user = or_else(host.username, "guest"),
                       .password = or_else(host.password, "guest")});
  if (brokers.empty()) brokers.push_back({"localhost", kPort, "guest", "guest"});
  return brokers;
}

TopologySettings topology_of(const Options& options) {
  const auto either = [&](std::string_view now, std::string_view before) {
    const auto value = options.get<std::int64_t>(now);
    return value != 0 ? value : options.get<std::int64_t>(before);
  };
  return {.durable = options.get<bool>("amqp_durable_queues"),
          .auto_delete = options.get<bool>("amqp_auto_delete"),
          .ha_queues = options.get<bool>("rabbit_ha_queues"),
          .quorum = options.get<bool>("rabbit_quorum_queue"),
          .transient_quorum = options.get<bool>("rabbit_transient_quorum_queue"),
          .stream_fanout = options.get<bool>("rabbit_stream_fanout"),
          .delivery_limit = options.get<std::int64_t>("rabbit_quorum_delivery_limit"),
          .max_memory_length =
              either("rabbit_quorum_max_memory_length", "rabbit_quroum_max_memory_length"),
          .max_memory_bytes =
              either("rabbit_quorum_max_memory_bytes", "rabbit_quroum_max_memory_bytes"),
          .transient_ttl = options.get<milliseconds>("rabbit_transient_queues_ttl"),
          .cancel_on_failover = options.get<bool>("enable_cancel_on_failover")};
}

std::string own_host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  ::gethostname(name, HOST_NAME_MAX);
  return name;
}

// Both become parts of the names of files and of queues.
std::string name_part(const Options& options, std::string_view option, std::string_view own) {
  constexpr std::size_t kMost = 64;
  auto name = options.get<std::string>(option);
  if (name.empty()) name = own;
  const auto odd = [](unsigned char c) { return c <= ' ' || c == '/' || c == 0x7f; };
  if (name.empty() || name.size() > kMost || std::ranges::any_of(name, odd))
    throw ConfigurationError(fmt::format(
        "{}: use_queue_manager makes queue names of '{}'; set one of 1 to {} characters without "
        "blanks and slashes",
        option, printable(name), kMost));
  return name;
}

QueueNaming naming_of(const Options& options) {
  if (!options.get<bool>("use_queue_manager")) return {};
  return {.numbered = true,
          .host = name_part(options, "hostname", own_host_name()),
          .process = name_part(options, "processname", program_invocation_short_name),
          .lock_directory = options.get<std::string>("queue_manager_lock_path")};
}

// Nought is a second, as oslo.messaging has it: without a pause a broker that is down would be
// asked as fast as it refuses.
milliseconds retry_interval_of(const Options& options) {
  const auto interval = options.get<milliseconds>("rabbit_retry_interval");
  return interval.count() > 0 ? interval : std::chrono::seconds(1);
}

void check(const Settings& settings) {
  const auto& topology = settings.topology;
  if (topology.ha_queues && (topology.quorum || topology.transient_quorum))
    throw ConfigurationError(
        "rabbit_ha_queues and quorum queues exclude each other; turn rabbit_ha_queues off");
  if (topology.stream_fanout && settings.prefetch == 0)
    throw ConfigurationError(
        "rabbit_stream_fanout needs rabbit_qos_prefetch_count above 0: the broker sends a stream's "
        "messages to nobody who does not limit them");
  if (topology.stream_fanout && !topology.transient_quorum)
    throw ConfigurationError(
        "rabbit_stream_fanout needs rabbit_transient_quorum_queue, by which all ends make the "
        "fanout exchange durable; turn that on everywhere");
  if (settings.max_senders < settings.min_senders)
    throw ConfigurationError(
        fmt::format("rpc_conn_pool_size ({}) is below conn_pool_min_size ({}); raise the first",
                    settings.max_senders, settings.min_senders));
}

}  // namespace

std::string Broker::name() const { return fmt::format("{}:{}", host, port); }

Settings Settings::from(const DriverContext& context) {
  const auto& options = context.options;
  Settings settings;
  settings.brokers = brokers_of(context.url);
  settings.virtual_host = or_else(context.url.virtual_host, "/");
  settings.default_exchange = context.default_exchange;
  settings.topology = topology_of(options);
  settings.naming = naming_of(options);
  settings.tls = tls_settings_of(context);
  settings.login = login_of(options);
  settings.heartbeat = std::chrono::ceil<std::chrono::seconds>(
      options.get<milliseconds>("heartbeat_timeout_threshold"));
  settings.heartbeat_rate = options.get<std::int64_t>("heartbeat_rate");
  settings.reconnect_delay = options.get<milliseconds>("kombu_reconnect_delay");
  settings.reconnect_splay = options.get<milliseconds>("kombu_reconnect_splay");
  settings.backoff = {.first = retry_interval_of(options),
                      .step = options.get<milliseconds>("rabbit_retry_backoff"),
                      .most = options.get<milliseconds>("rabbit_interval_max")};
  settings.shuffle_hosts = options.get<std::string>("kombu_failover_strategy") == "shuffle";
  settings.prefetch =
      static_cast<std::uint16_t>(options.get<std::int64_t>("rabbit_qos_prefetch_count"));
  settings.cast_mandatory = options.get<bool>("cast_mandatory");
  settings.reply_mandatory = options.get<bool>("direct_mandatory_flag");
  settings.missing_reply_queue = options.get<milliseconds>("kombu_missing_consumer_retry_timeout");
  settings.max_senders = static_cast<std::size_t>(options.get<std::int64_t>("rpc_conn_pool_size"));
  settings.min_senders = static_cast<std::size_t>(options.get<std::int64_t>("conn_pool_min_size"));
  settings.sender_ttl = options.get<milliseconds>("conn_pool_ttl");
  settings.max_message_bytes =
      static_cast<std::size_t>(options.get<std::int64_t>("max_message_bytes"));
  settings.consumer_timeout = options.get<milliseconds>("consumer_timeout");
  settings.reply_queue_prefix = options.get<std::string>("reply_queue_prefix");
  settings.ledger = context.ledger;
  settings.compression = find_codec(options.get<std::string>("kombu_compression"));
  settings.accept_compressed = options.get<bool>("accept_compressed");
  check(settings);
  check_login(settings, options);
  return settings;
}

}  // namespace gantry::rabbit
