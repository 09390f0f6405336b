// SPDX-License-Identifier: Apache-2.0
#include "consumers.hpp"

#include <algorithm>

#include "limits.hpp"

namespace gantry::rabbit {

Consumers::Consumers(const std::vector<Subscribed>& bindings, const TopologySettings& settings) {
  for (const auto& [exchange, queue, key] : bindings) {
    check_name("exchange", exchange.name);
    check_name("queue", queue.name);
    if (std::ranges::find(consumers_, queue.name, &Consumer::queue) != consumers_.end()) continue;
    consumers_.push_back({queue.name, tag_of(consumers_.size() + 1), queue.is_stream,
                          consumer_arguments(queue, settings)});
  }
}

void Consumers::consume_streams(Session& session) {
  for (const auto& consumer : consumers_)
    if (consumer.stream) consume(session, consumer);
}

void Consumers::consume_queues(Session& session) {
  for (const auto& consumer : consumers_)
    if (!consumer.stream) consume(session, consumer);
}

void Consumers::consume(Session& session, const Consumer& consumer) {
  session.consume(consumer.queue, consumer.tag,
                  consumer.stream ? stream_arguments(next_offset_) : consumer.arguments);
}

void Consumers::cancel(Session& session) {
  for (const auto& consumer : consumers_) session.cancel(consumer.tag);
}

std::string_view Consumers::queue_of(std::string_view tag) const {
  const auto found = std::ranges::find(consumers_, tag, &Consumer::tag);
  return found != consumers_.end() ? std::string_view(found->queue) : "";
}

void Consumers::consume_again(Session& session, std::string_view tag) {
  for (const auto& consumer : consumers_) {
    if (consumer.tag != tag) continue;
    if (consumer.stream) next_offset_.reset();
    consume(session, consumer);
  }
}

// What is lost with the session before it is handed over is read again.
void Consumers::arrived(const Delivery& delivery) {
  if (!next_offset_) next_offset_ = delivery.stream_offset;
}

std::optional<std::int64_t> Consumers::next_offset(std::span<const Delivery> deliveries) {
  std::optional<std::int64_t> next;
  for (const auto& delivery : deliveries)
    if (delivery.stream_offset) next = *delivery.stream_offset + 1;
  return next;
}

}  // namespace gantry::rabbit
