// SPDX-License-Identifier: Apache-2.0
#include "notification_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "errors.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "names.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

std::string_view id_of(const Message& message) {
  const auto* const id = message.body.if_contains("message_id");
  return id != nullptr && id->is_string() ? std::string_view(id->get_string()) : "";
}

// One that is destroyed unsettled stays so: the group's next owner of its partition reads it again.
class IncomingNotification final : public IncomingMessage {
 public:
  IncomingNotification(Message message, Settlements::Token token,
                       std::shared_ptr<Settlements> settlements)
      : IncomingMessage(std::move(message), {}),
        token_(std::move(token)),
        settlements_(std::move(settlements)) {}

  const Settlements::Token& token() const noexcept { return token_; }

  void acknowledge() noexcept override {
    if (settled_.exchange(true)) return;
    try {
      settlements_->settle(token_, id_of(message()));
    } catch (const std::bad_alloc&) {  // it comes again
    }
  }
  // A partition's position cannot pass over one record, so this one comes again, and all behind it.
  void requeue() noexcept override {
    if (!settled_.exchange(true))
      log(LogLevel::warning,
          "kafka: a notification cannot be given back alone; it comes again to the next owner of "
          "its partition, with all behind it");
  }
  void reply(Reply) noexcept override {}
  void heartbeat() noexcept override {}

 private:
  const Settlements::Token token_;
  const std::shared_ptr<Settlements> settlements_;
  std::atomic<bool> settled_ = false;
};

}  // namespace

NotificationListener::NotificationListener(std::shared_ptr<const Settings> settings,
                                           std::string_view pool, const BatchOptions& batch)
    : settings_(std::move(settings)),
      settlements_(std::make_shared<Settlements>()),
      collector_(batch),
      consumer_(*settings_, *this,
                {.group = pool.empty() ? settings_->consumer_group : std::string(pool),
                 .offset_reset = settings_->offset_reset,
                 .assignors = assignors::kAsPython}) {
  consumer_.pause();  // until the start
  settlements_->open([this] { consumer_.wake(); });
}

NotificationListener::~NotificationListener() {
  stop();
  settlements_->close();
  consumer_.stop();
}

void NotificationListener::subscribe(std::span<const Subscription> subscriptions,
                                     Deadline deadline) {
  consumer_.start();
  std::set<std::string> topics;
  for (const auto& [target, priority] : subscriptions) {
    const auto topic = fmt::format("{}.{}", target.topic.value_or(""), priority);
    topics.insert(topic);
    // Where our notifiers write, and Python's; its listeners read the other one.
    if (const auto& host = settings_->virtual_host; !host.empty())
      topics.insert(fmt::format("{}.{}", topic, host));
  }
  for (const auto& topic : topics) {
    check_topic(topic);
    consumer_.require(*topics_.of({.name = topic, .longest_record = settings_->longest_record()}),
                      deadline);
  }
  consumer_.subscribe({topics.begin(), topics.end()});
  consumer_.wait_ready(deadline);
}

void NotificationListener::start(OnBatch on_batch) {
  if (settings_->auto_commit)
    on_batch = [handler = std::move(on_batch)](Batch batch) {
      for (const auto& message : batch) message->acknowledge();
      handler(std::move(batch));
    };
  collector_.start(std::move(on_batch));
  consumer_.resume();
}

void NotificationListener::pause() noexcept {
  collector_.pause();
  consumer_.pause();
}

void NotificationListener::resume() noexcept {
  collector_.resume();
  consumer_.resume();
}

// It stays a member, so that what was handed out can still be settled.
void NotificationListener::stop() {
  consumer_.pause();
  collector_.finish();
}

void NotificationListener::take(std::vector<Received> records) {
  Batch batch;
  for (const auto& record : records)
    if (auto message = receive(*record)) batch.push_back(std::move(message));
  collector_.add(std::move(batch));
}

// Null for what cannot be read and what was settled before; both count as settled.
std::unique_ptr<IncomingMessage> NotificationListener::receive(const rd_kafka_message_t& record) {
  auto token = settlements_->received(partition_of(record), record.offset);
  try {
    auto message = wire::decode_notification_record(body_of(record));
    message.headers = headers_of(record);
    if (settlements_->knows(token, id_of(message))) {
      settings_->ledger->count(Mishap::repeated);
      settlements_->settle(token);
      return nullptr;
    }
    return std::make_unique<IncomingNotification>(std::move(message), std::move(token),
                                                  settlements_);
  } catch (const SerializationError& error) {
    note_unreadable("notification", record, error, *settings_->ledger);
    settlements_->settle(token);
    return nullptr;
  }
}

void NotificationListener::turn() {
  consumer_.commit_later(settlements_->take_positions());
  collector_.hand_over();
}

void NotificationListener::assigned(std::span<Position> positions) {
  std::vector<Partition> partitions;
  for (const auto& position : positions) partitions.push_back(position.partition);
  settlements_->assigned(partitions);
}

// What was not handed over yet is the other member's.
void NotificationListener::revoked(std::span<const Partition> partitions, bool lost) {
  collector_.drop([&](const IncomingMessage& message) {
    const auto& token = static_cast<const IncomingNotification&>(message).token();
    if (std::ranges::find(partitions, token.partition) == partitions.end()) return false;
    settlements_->forget(token);
    return true;
  });
  if (!lost && !closing_)
    settlements_->wait_settled(partitions, Deadline::after(settings_->rebalance_patience));
  if (!lost) {
    const auto error = consumer_.await_commits() ? consumer_.commit(settlements_->take_positions())
                                                 : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      log(LogLevel::warning,
          fmt::format("kafka: {}: what was settled last was not committed, and comes again: {}",
                      purpose(), text_of(error)));
  }
  settlements_->revoked(partitions);
}

void NotificationListener::closing() { closing_ = true; }

}  // namespace gantry::kafka
