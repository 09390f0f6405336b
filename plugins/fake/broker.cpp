// SPDX-License-Identifier: Apache-2.0
#include "broker.hpp"

#include <fmt/format.h>

#include <utility>

namespace gantry::fake {
namespace {

struct Brokers {
  std::mutex mutex;
  std::map<std::string, Broker, std::less<>> by_name;  // guarded by mutex
};

// Never destroyed: a plugin is not unloaded, and its statics have no destructors.
Brokers& brokers() {
  static Brokers* const all = new Brokers;
  return *all;
}

template <class Map, class... Args>
typename Map::mapped_type& find_or_make(Map& map, std::string_view name, Args&&... args) {
  const auto found = map.find(name);
  if (found != map.end()) return found->second;
  return map.try_emplace(std::string(name), std::forward<Args>(args)...).first->second;
}

MessageUndeliverable undeliverable(const Address& address) {
  return MessageUndeliverable(
      fmt::format("no queue takes '{}' of exchange '{}': nobody has listened there; start the "
                  "server first, or check the names",
                  address.name(), address.exchange),
      address.exchange, address.name());
}

}  // namespace

Broker& Broker::named(std::string_view name) {
  auto& all = brokers();
  const std::lock_guard lock(all.mutex);
  return find_or_make(all.by_name, name);
}

Broker::Topic& Broker::topic_of(const Address& address) {
  return find_or_make(find_or_make(exchanges_, address.exchange), address.topic);
}

// Null where nobody has listened or stored anything: sending alone leaves nothing behind.
Broker::Topic* Broker::find_topic(const Address& address) {
  const auto exchange = exchanges_.find(address.exchange);
  if (exchange == exchanges_.end()) return nullptr;
  const auto topic = exchange->second.find(address.topic);
  return topic != exchange->second.end() ? &topic->second : nullptr;
}

Queue& Broker::default_queue(Topic& topic) {
  if (!topic.queue) topic.queue.emplace(shared);
  return *topic.queue;
}

// A new pool starts with a copy of what the default queue stores.
Queue& Broker::pool_queue(Topic& topic, std::string_view pool, Bells& bells) {
  const auto found = topic.pools.find(pool);
  if (found != topic.pools.end()) return found->second;
  auto& queue = find_or_make(topic.pools, pool, shared);
  if (topic.queue) topic.queue->copy_to(queue, bells);
  return queue;
}

template <class Visit>
void Broker::for_each_queue(Topic& topic, const Address& address, Visit visit) {
  if (address.reach == Address::Reach::fanout) {
    for (auto* const queue : topic.fanout) visit(*queue);
  } else if (address.reach == Address::Reach::server) {
    const auto found = topic.servers.find(address.server);
    if (found != topic.servers.end()) visit(found->second);
  } else {
    if (topic.queue) visit(*topic.queue);
    for (auto& [name, queue] : topic.pools) visit(queue);
  }
}

// False, and nothing happens, where there is no queue.
bool Broker::push(Topic& topic, const Address& address, Delivery&& delivery, Timeline* timeline,
                  Bells& bells) {
  Queue* last = nullptr;  // gets the delivery itself, any other one a copy
  delivery.sequence = ++arrived_;
  for_each_queue(topic, address, [&](Queue& queue) {
    if (last != nullptr) last->push(copy_of(delivery), bells);
    last = &queue;
  });
  if (last == nullptr) return false;
  reach(timeline, Stage::confirmed);
  last->push(std::move(delivery), bells);
  return true;
}

void Broker::publish(const Address& address, Delivery&& delivery, bool mandatory,
                     Timeline* timeline) {
  Ringing lock(*this);
  lock.bells.may_borrow = delivery.caller_waits;
  auto* const topic = find_topic(address);
  if (topic != nullptr && push(*topic, address, std::move(delivery), timeline, lock.bells)) return;
  if (mandatory) throw undeliverable(address);
  reach(timeline, Stage::confirmed);
}

void Broker::require_queue(const Address& address) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  if (auto* const topic = find_topic(address)) {
    for_each_queue(*topic, address, [&](Queue&) { found = true; });
  }
  if (!found) throw undeliverable(address);
}

void Broker::store(const Address& address, Delivery&& delivery, Timeline* timeline) {
  Ringing lock(*this);
  auto& topic = topic_of(address);
  default_queue(topic);
  push(topic, address, std::move(delivery), timeline, lock.bells);
}

void Broker::requeue(Delivery delivery) {
  Ringing lock(*this);
  delivery.sequence = ++arrived_;
  delivery.redelivered = true;
  delivery.twice = delivery.overtakes = false;
  auto* const queue = delivery.origin;
  queue->push(std::move(delivery), lock.bells);
}

std::unique_ptr<Consumer> Broker::listen(std::span<const Address> addresses) {
  auto consumer = std::make_unique<Consumer>(*this);
  const std::lock_guard lock(mutex_);
  for (const auto& address : addresses) subscribe(*consumer, address);
  return consumer;
}

void Broker::subscribe(Consumer& consumer, const Address& address) {
  auto& topic = topic_of(address);
  switch (address.reach) {
    case Address::Reach::topic:
      return consumer.subscribe(default_queue(topic));
    case Address::Reach::server:
      return consumer.subscribe(find_or_make(topic.servers, address.server, own));
    case Address::Reach::fanout:
      return consumer.join_fanout(topic.fanout);
  }
}

std::unique_ptr<Consumer> Broker::listen_for_notifications(std::span<const Address> topics,
                                                           std::string_view pool) {
  auto consumer = std::make_unique<Consumer>(*this);
  Ringing lock(*this);
  for (const auto& address : topics) {
    auto& topic = topic_of(address);
    consumer->subscribe(pool.empty() ? default_queue(topic) : pool_queue(topic, pool, lock.bells));
  }
  return consumer;
}

std::vector<Depth> Broker::depths() {
  const std::lock_guard lock(mutex_);
  std::vector<Depth> all;
  for (const auto& [exchange_name, exchange] : exchanges_) {
    for (const auto& [topic_name, topic] : exchange) {
      const auto add = [&](const Queue& queue, const std::string& server, const std::string& pool) {
        all.push_back({exchange_name, topic_name, server, pool, queue.size()});
      };
      if (topic.queue) add(*topic.queue, {}, {});
      for (const auto& [name, queue] : topic.servers) add(queue, name, {});
      for (const auto& [name, queue] : topic.pools) add(queue, {}, name);
    }
  }
  return all;
}

std::optional<TimeoutCause> Broker::whereabouts(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto cause_in = [&](const Queue& queue) -> std::optional<TimeoutCause> {
    if (!queue.holds(id)) return std::nullopt;
    return queue.is_consumed() ? TimeoutCause::queued : TimeoutCause::no_consumer;
  };
  for (const auto& [exchange_name, exchange] : exchanges_) {
    for (const auto& [topic_name, topic] : exchange) {
      if (const auto cause = topic.queue ? cause_in(*topic.queue) : std::nullopt) return cause;
      for (const auto& [server, queue] : topic.servers) {
        if (const auto cause = cause_in(queue)) return cause;
      }
    }
  }
  return std::nullopt;
}

}  // namespace gantry::fake
