// SPDX-License-Identifier: Apache-2.0
#include "rpc_intake.hpp"

#include <fmt/format.h>

#include <tuple>
#include <utility>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "incoming.hpp"
#include "reception.hpp"

namespace gantry::rabbit {
namespace {

struct Received {
  wire::Request request;
  Delivery delivery;
};

IncomingMessage::Facts facts_of(const wire::RequestIds& ids, const Delivery& delivery) {
  return {.id = ids.msg_id,
          .wants_reply = ids.is_call() && !ids.reply_q.empty(),
          .monitor = ids.monitor,
          .deadline = delivery.expiration ? Deadline::after(*delivery.expiration) : never,
          .redelivered = delivery.redelivered};
}

}  // namespace

// Whoever may write to a server's queue could otherwise make it write to any other.
wire::Request RpcIntake::read(Delivery& delivery) const {
  make_readable(delivery, *settings_);
  auto request = wire::decode_request(delivery.body);
  const auto& [queue, prefix] = std::tie(request.ids.reply_q, settings_->reply_queue_prefix);
  if (!queue.starts_with(prefix) && !queue.empty())
    throw SerializationError(
        fmt::format("it wants its reply in the queue {}, whose name does not begin with {} "
                    "(reply_queue_prefix)",
                    printable(queue), printable(prefix)));
  request.message.headers = std::move(delivery.headers);
  return request;
}

bool RpcIntake::is_new(std::string_view id, const Delivery& delivery) {
  return delivery.queue_tag == fanout_tag_ ? fanouts_.remember(id) : handled_->remember(id);
}

Batch RpcIntake::take(std::span<Delivery> deliveries, const Consumers& consumers,
                      Session& session) {
  std::vector<Received> received;
  received.reserve(deliveries.size());
  for (auto& delivery : deliveries) {
    try {
      auto request = read(delivery);
      received.push_back({std::move(request), std::move(delivery)});
    } catch (const SerializationError& error) {
      note_unreadable("request", delivery, consumers.queue_of(delivery.queue_tag), error,
                      *settings_->ledger);
      session.reject(delivery.tag, false);
    }
  }
  if (!received.empty()) session.acknowledge(received.back().delivery.tag, true);
  Batch batch;
  for (auto& [request, delivery] : received) {
    const auto& id = request.ids.unique_id;
    if (!is_new(id, delivery)) {
      settings_->ledger->count(Mishap::repeated);
      log(LogLevel::info,
          fmt::format("rabbit: the request {} came again and is dropped", printable(id)));
      continue;
    }
    auto facts = facts_of(request.ids, delivery);
    batch.push_back(std::make_unique<IncomingRequest>(std::move(request.message), std::move(facts),
                                                      std::move(request.ids.reply_q), answers_));
  }
  return batch;
}

}  // namespace gantry::rabbit
