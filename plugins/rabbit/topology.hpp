// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "gantry/kit/routing.hpp"
#include "settings.hpp"

// What oslo.messaging declares for which purpose (wire §3). Pure functions of options and address.
namespace gantry::rabbit {

struct Exchange {
  std::string name{};  // empty: the broker's default exchange, which nobody declares
  const char* type = "topic";
  bool durable = false;
  bool auto_delete = false;
};

struct Queue {
  std::string name;
  bool durable = false;
  bool auto_delete = false;
  Arguments arguments{};
  bool is_stream = false;  // which its consumers have to know
};

// A queue and how messages get there; with the default exchange, which needs no binding, by name.
struct Subscribed {
  Exchange exchange{};
  Queue queue;
  std::string binding_key{};
};

Exchange topic_exchange(std::string name, const TopologySettings& settings);
Exchange fanout_exchange(std::string name, const TopologySettings& settings);

Subscribed topic_subscription(const Address& address, const TopologySettings& settings);
// The queue is the subscriber's own, whatever `suffix` makes of its name; a stream is everybody's.
Subscribed fanout_subscription(const Address& address, const TopologySettings& settings,
                               const std::string& suffix);
// `topic` with its priority; the queue is that of the pool, or the topic's own.
Subscribed stored_subscription(std::string exchange, std::string topic, std::string_view pool,
                               const TopologySettings& settings);
Subscribed reply_subscription(const TopologySettings& settings, const std::string& suffix);

// The broker refuses x-cancel-on-ha-failover of queues that are not classic.
Arguments consumer_arguments(const Queue& queue, const TopologySettings& settings);
// A stream is read from that offset on; from its last chunk where none is known.
Arguments stream_arguments(std::optional<std::int64_t> offset);

}  // namespace gantry::rabbit
