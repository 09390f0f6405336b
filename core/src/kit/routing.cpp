// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/routing.hpp"

namespace gantry {

std::string Address::name() const {
  switch (reach) {
    case Reach::topic:
      return topic;
    case Reach::server:
      return topic + '.' + server;
    case Reach::fanout:
      return topic + "_fanout";
  }
  return topic;
}

std::string exchange_of(const Target& target, std::string_view default_exchange) {
  const auto exchange = target.exchange.value_or("");
  return exchange.empty() ? std::string(default_exchange) : exchange;
}

Address send_address(const Target& target, std::string_view default_exchange) {
  auto exchange = exchange_of(target, default_exchange);
  const auto topic = target.topic.value_or("");
  if (target.is_fanout()) return {Address::Reach::fanout, std::move(exchange), topic};
  const auto server = target.server.value_or("");
  if (server.empty()) return {Address::Reach::topic, std::move(exchange), topic};
  return {Address::Reach::server, std::move(exchange), topic, server};
}

std::array<Address, 3> listen_addresses(const Target& target, std::string_view default_exchange) {
  const auto exchange = exchange_of(target, default_exchange);
  const auto topic = target.topic.value_or("");
  return {Address{Address::Reach::topic, exchange, topic},
          Address{Address::Reach::server, exchange, topic, target.server.value_or("")},
          Address{Address::Reach::fanout, exchange, topic}};
}

}  // namespace gantry
