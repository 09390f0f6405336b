// SPDX-License-Identifier: Apache-2.0
#include "request_intake.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "incoming_request.hpp"
#include "names.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

// When the caller has given up; `never` where it did not say.
Deadline deadline_of(const rd_kafka_message_t& record) {
  const auto text = header_of(record, header::kTimeToLive);
  if (!text) return never;
  std::int64_t ttl = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), ttl);
  if (error != std::errc() || end != text->data() + text->size() || ttl < 0)
    throw SerializationError(fmt::format("its {} is no number of milliseconds: '{}'",
                                         header::kTimeToLive, printable(*text)));
  constexpr std::int64_t longest = std::int64_t{1000} * 3600 * 24 * 365;
  return Deadline::after(std::chrono::milliseconds(std::min(ttl, longest)) - age_of(record));
}

}  // namespace

std::unique_ptr<IncomingMessage> RequestIntake::read(const rd_kafka_message_t& record,
                                                     std::string_view receiver) {
  if (!receiver.empty() && header_of(record, header::kReceiver) != receiver) return nullptr;
  return read(record, *handled_);
}

std::unique_ptr<IncomingMessage> RequestIntake::read_fanout(const rd_kafka_message_t& record) {
  return read(record, fanouts_);
}

std::unique_ptr<IncomingMessage> RequestIntake::read(const rd_kafka_message_t& record,
                                                     SharedIds& known) try {
  const auto deadline = deadline_of(record);
  if (!deadline.expired()) return decode(record, deadline, known);
  log(LogLevel::info, fmt::format("kafka: a request in {} is too old and is dropped",
                                  rd_kafka_topic_name(record.rkt)));
  return nullptr;
} catch (const SerializationError& error) {
  note_unreadable("request", record, error, *settings_->ledger);
  return nullptr;
}

std::unique_ptr<IncomingMessage> RequestIntake::decode(const rd_kafka_message_t& record,
                                                       Deadline deadline, SharedIds& known) {
  auto request = wire::decode_request(body_of(record));
  request.message.headers = headers_of(record);
  std::optional<ReplyAddress> reply_to;
  if (const auto text = header_of(record, header::kReplyTo); text && request.ids.is_call())
    reply_to = ReplyAddress::parse(*text, reply_topic(settings_->rpc_prefix));
  const auto& id = request.ids.unique_id;
  if (!known.remember(id)) {
    settings_->ledger->count(Mishap::repeated);
    log(LogLevel::info,
        fmt::format("kafka: the request {} came again and is dropped", printable(id)));
    return nullptr;
  }
  IncomingMessage::Facts facts{.id = request.ids.msg_id,
                               .wants_reply = reply_to.has_value(),
                               .monitor = request.ids.monitor,
                               .deadline = deadline};
  return std::make_unique<IncomingRequest>(std::move(request.message), std::move(facts),
                                           std::move(reply_to), answers_);
}

}  // namespace gantry::kafka
