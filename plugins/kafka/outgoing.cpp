// SPDX-License-Identifier: Apache-2.0
#include "outgoing.hpp"

#include <fmt/format.h>

#include "errors.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

std::atomic<std::uint64_t> made = 0;

}  // namespace

Outgoing::Outgoing(Content&& content)
    : content_(std::move(content)),
      number_(made.fetch_add(1, std::memory_order_relaxed)),
      timeline_(content_.timeline ? *content_.timeline : own_timeline_),
      attempts_(content_.retry) {
  reach(Stage::accepted);
}

Outgoing::~Outgoing() = default;

void Outgoing::limit(const std::shared_ptr<Outgoing>& outgoing, std::shared_ptr<Timer> timer) {
  const auto deadline = outgoing->content_.deadline;
  if (deadline.is_never()) return;
  outgoing->timer_ = std::move(timer);
  outgoing->alarm_ = outgoing->timer_->at(deadline, [weak = std::weak_ptr(outgoing)] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
}

std::vector<Outgoing::RecordHeader> Outgoing::headers() const {
  auto headers = content_.headers;
  if (content_.complete) content_.complete(headers);
  return headers;
}

void Outgoing::end(Fate fate, const std::exception_ptr& error) noexcept {
  if (ended_.exchange(true)) return;
  if (timer_) timer_->cancel(alarm_);
  tell(fate, error);
}

// It may ring before `limit` knows which it is, so it is not cancelled.
void Outgoing::on_alarm() noexcept {
  if (!ended_.exchange(true)) tell(Fate::expired, expired_error());
}

void Outgoing::tell(Fate fate, const std::exception_ptr& error) noexcept {
  try {
    ended(fate, error);
  } catch (const std::exception& failure) {
    log(LogLevel::error, fmt::format("kafka: the end of a send failed: {}", failure.what()));
  }
}

void Outgoing::expire() noexcept { end(Fate::expired, expired_error()); }

std::exception_ptr Outgoing::expired_error() const {
  return std::make_exception_ptr(timeout_error(content_.what, timeline_));
}

void Outgoing::refuse(rd_kafka_resp_err_t error) noexcept {
  for (const auto& need : content_.needs) need->doubt();
  end(Fate::refused, refused_error(*this, error));
}

std::exception_ptr not_sent_error(const Outgoing& outgoing, const std::string& reason) {
  return std::make_exception_ptr(
      MessageDeliveryFailure(fmt::format("{} was not sent: {}", outgoing.content().what, reason)));
}

std::exception_ptr in_doubt_error(const Outgoing& outgoing, const std::string& reason) {
  return std::make_exception_ptr(MessageInDoubt(
      fmt::format("{} was handed to a broker, which has not said what became of it, so it may or "
                  "may not have been stored: {}",
                  outgoing.content().what, reason),
      outgoing.content().unique_id));
}

std::exception_ptr closed_error(const Outgoing& outgoing) {
  return std::make_exception_ptr(TransportClosed(
      fmt::format("{}: the transport was closed before a broker had it", outgoing.content().what)));
}

std::exception_ptr refused_error(const Outgoing& outgoing, rd_kafka_resp_err_t error) {
  const auto& content = outgoing.content();
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return std::make_exception_ptr(MessageDeliveryFailure(
        fmt::format("{} is {} bytes long, more than the broker takes: send less, or raise its "
                    "message.max.bytes and the topic's max.message.bytes",
                    content.what, content.body.size())));
  return refusal(fmt::format("{} was refused", content.what), error,
                 fmt::format("topic '{}'", content.topic));
}

}  // namespace gantry::kafka
