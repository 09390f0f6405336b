// SPDX-License-Identifier: Apache-2.0
#include "topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::rabbit {
namespace {

void add_quorum(Arguments& arguments, const TopologySettings& settings) {
  arguments.push_back({"x-queue-type", std::string("quorum")});
  const auto limit = [&](const char* name, std::int64_t value) {
    if (value > 0) arguments.push_back({name, value});
  };
  limit("x-delivery-limit", settings.delivery_limit);
  limit("x-max-in-memory-length", settings.max_memory_length);
  limit("x-max-in-memory-bytes", settings.max_memory_bytes);
}

Queue named_queue(std::string name, const TopologySettings& settings) {
  Queue queue{.name = std::move(name),
              .durable = settings.durable || settings.quorum,
              .auto_delete = settings.auto_delete};
  if (settings.ha_queues) queue.arguments.push_back({"x-ha-policy", std::string("all")});
  if (settings.quorum) add_quorum(queue.arguments, settings);
  return queue;
}

Queue transient_queue(std::string name, const TopologySettings& settings) {
  Queue queue{.name = std::move(name), .durable = settings.transient_quorum};
  if (settings.ha_queues) queue.arguments.push_back({"x-ha-policy", std::string("all")});
  if (settings.transient_quorum) add_quorum(queue.arguments, settings);
  if (settings.transient_ttl.count() > 0)
    queue.arguments.push_back({"x-expires", std::int64_t{settings.transient_ttl.count()}});
  return queue;
}

// One for all subscribers of a topic. Its messages go by their age.
Queue fanout_stream(std::string name, const TopologySettings& settings) {
  Queue queue{.name = std::move(name),
              .durable = true,
              .arguments = {{"x-queue-type", std::string("stream")}},
              .is_stream = true};
  const auto age = std::chrono::ceil<std::chrono::seconds>(settings.transient_ttl).count();
  if (age > 0) queue.arguments.push_back({"x-max-age", fmt::format("{}s", age)});
  return queue;
}

}  // namespace

Exchange topic_exchange(std::string name, const TopologySettings& settings) {
  return {.name = std::move(name),
          .type = "topic",
          .durable = settings.durable || settings.quorum,
          .auto_delete = settings.auto_delete};
}

Exchange fanout_exchange(std::string name, const TopologySettings& settings) {
  return {.name = std::move(name),
          .type = "fanout",
          .durable = settings.transient_quorum,
          .auto_delete = true};
}

Subscribed topic_subscription(const Address& address, const TopologySettings& settings) {
  const auto name = address.name();
  return {topic_exchange(address.exchange, settings), named_queue(name, settings), name};
}

Subscribed fanout_subscription(const Address& address, const TopologySettings& settings,
                               const std::string& suffix) {
  auto name = address.name();
  auto queue = settings.stream_fanout ? fanout_stream(name, settings)
                                      : transient_queue(name + '_' + suffix, settings);
  return {fanout_exchange(std::move(name), settings), std::move(queue), address.topic};
}

Subscribed stored_subscription(std::string exchange, std::string topic, std::string_view pool,
                               const TopologySettings& settings) {
  auto queue = named_queue(pool.empty() ? topic : std::string(pool), settings);
  return {topic_exchange(std::move(exchange), settings), std::move(queue), std::move(topic)};
}

Subscribed reply_subscription(const TopologySettings& settings, const std::string& suffix) {
  return {.queue = transient_queue("reply_" + suffix, settings)};
}

Arguments consumer_arguments(const Queue& queue, const TopologySettings& settings) {
  const bool classic = std::ranges::none_of(
      queue.arguments, [](const Argument& each) { return each.key == "x-queue-type"; });
  if (!settings.cancel_on_failover || !classic) return {};
  return {{"x-cancel-on-ha-failover", true}};
}

Arguments stream_arguments(std::optional<std::int64_t> offset) {
  if (offset) return {{"x-stream-offset", *offset}};
  return {{"x-stream-offset", std::string("last")}};
}

}  // namespace gantry::rabbit
