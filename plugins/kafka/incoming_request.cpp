// SPDX-License-Identifier: Apache-2.0
#include "incoming_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "gantry/failure.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

Failure too_long(std::size_t bytes) {
  return failure_of(std::make_exception_ptr(InvalidArgument(fmt::format(
      "the reply is {} bytes long, more than the server's max_message_bytes allows", bytes))));
}

}  // namespace

IncomingRequest::IncomingRequest(Message message, Facts facts, std::optional<ReplyAddress> reply_to,
                                 std::shared_ptr<Answers> answers)
    : IncomingMessage(std::move(message), std::move(facts)),
      reply_to_(std::move(reply_to)),
      answers_(std::move(answers)) {}

Answers::Answer IncomingRequest::answer(std::string what) const {
  return {.to = *reply_to_,
          .correlation = facts().id,
          .unique_id = wire::new_id(),
          .what = std::move(what),
          .deadline = facts().deadline};
}

void IncomingRequest::reply(Reply reply) noexcept {
  if (!reply_to_ || replied_.exchange(true)) return;
  try {
    auto sent = answer(fmt::format("the reply to {}", printable(facts().id)));
    sent.body = wire::encode_reply(reply, facts().id, sent.unique_id);
    if (!answers_->can_carry(sent))  // the caller is told instead of left waiting
      sent.body = wire::encode_reply(too_long(sent.body.size()), facts().id, sent.unique_id);
    answers_->send(std::move(sent));
  } catch (const std::exception& error) {
    log(LogLevel::error, fmt::format("kafka: the reply to {} was not sent: {}",
                                     printable(facts().id), error.what()));
  }
}

void IncomingRequest::heartbeat() noexcept {
  if (!reply_to_ || !facts().monitor || replied_) return;
  try {
    auto sent = answer(fmt::format("a heartbeat for {}", printable(facts().id)));
    sent.body = wire::encode_heartbeat(facts().id, sent.unique_id);
    sent.deadline = std::min(sent.deadline, Deadline::after(*facts().monitor));
    sent.counts = false;
    answers_->send(std::move(sent));
  } catch (const std::exception& error) {
    log(LogLevel::warning, fmt::format("kafka: a heartbeat for {} was not sent: {}",
                                       printable(facts().id), error.what()));
  }
}

}  // namespace gantry::kafka
