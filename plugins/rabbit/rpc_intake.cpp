// SPDX-License-Identifier: Apache-2.0
#include "rpc_intake.hpp"

#include <fmt/format.h>

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

// What can be read of the deliveries; the others are rejected.
std::vector<Received> decode(std::span<Delivery> deliveries, const Settings& settings,
                             Session& session) {
  std::vector<Received> received;
  received.reserve(deliveries.size());
  for (auto& delivery : deliveries) {
    try {
      make_readable(delivery, settings);
      auto request = wire::decode_request(delivery.body);
      request.message.headers = std::move(delivery.headers);
      received.push_back({std::move(request), std::move(delivery)});
    } catch (const SerializationError& error) {
      log_unreadable("request", delivery, error);
      session.reject(delivery.tag, false);
    }
  }
  return received;
}

IncomingMessage::Facts facts_of(const wire::RequestIds& ids, const Delivery& delivery) {
  return {.id = ids.msg_id,
          .wants_reply = ids.is_call() && !ids.reply_q.empty(),
          .monitor = ids.monitor,
          .deadline = delivery.expiration ? Deadline::after(*delivery.expiration) : never,
          .redelivered = delivery.redelivered};
}

}  // namespace

Batch RpcIntake::take(std::span<Delivery> deliveries, Session& session) {
  auto received = decode(deliveries, *settings_, session);
  if (!received.empty()) session.acknowledge(received.back().delivery.tag, true);
  Batch batch;
  for (auto& [request, delivery] : received) {
    const auto& id = request.ids.unique_id;
    if (!id.empty() && !recent_.remember(id)) {
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
