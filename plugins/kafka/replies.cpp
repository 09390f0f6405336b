// SPDX-License-Identifier: Apache-2.0
#include "replies.hpp"

#include <utility>

#include "gantry/kit/wire.hpp"
#include "names.hpp"
#include "record.hpp"

namespace gantry::kafka {

Replies::Replies(std::shared_ptr<const Settings> settings, std::shared_ptr<Topic> topic,
                 std::shared_ptr<ReplyWaiter> waiter)
    : settings_(std::move(settings)),
      topic_(std::move(topic)),
      waiter_(std::move(waiter)),
      client_(wire::new_id()) {}

// Reading begins before the first request is sent, so that no reply comes too early.
void Replies::establish(rd_kafka_t* client, std::chrono::milliseconds limit) {
  if (!topic_->holds()) topic_->establish(client, limit);
  if (!consumer_) {
    Reader& self = *this;
    consumer_.emplace(*settings_, self, Membership{});
    consumer_->start();
  }
  const auto partitions = static_cast<std::uint64_t>(topic_->partitions());
  const auto number = static_cast<std::int32_t>(stable_hash(client_) % partitions);
  const Partition partition(topic_->name(), number);
  consumer_->assign({partition, consumer_->extent(partition).second});
  partition_ = number;
}

ReplyAddress Replies::address() const {
  return {.topic = topic_->name(), .partition = partition_, .client = client_};
}

void Replies::take(std::vector<Received> records) {
  for (const auto& record : records) {
    if (header_of(*record, header::kClient) != client_) continue;
    try {
      waiter_->deliver(wire::decode_reply(body_of(*record)));
    } catch (const SerializationError& error) {
      note_unreadable("reply", *record, error, *settings_->ledger);
    }
  }
}

}  // namespace gantry::kafka
