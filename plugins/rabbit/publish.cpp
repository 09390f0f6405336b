// SPDX-License-Identifier: Apache-2.0
#include "publish.hpp"

#include <fmt/format.h>

#include <utility>

#include "gantry/error.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/log.hpp"
#include "refusal.hpp"

namespace gantry::rabbit {
namespace {

std::string text_of(const std::exception_ptr& reason) {
  try {
    std::rethrow_exception(reason);
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

Publish::Publish(Content content, Ended ended)
    : content_(std::move(content)), tell_(std::move(ended)), attempts_(content_.retry) {}

std::shared_ptr<Publish> Publish::limited(Content content, std::shared_ptr<Timer> timer,
                                          Ended ended) {
  auto publish = std::make_shared<Publish>(std::move(content), std::move(ended));
  const auto deadline = publish->content_.deadline;
  if (deadline.is_never()) return publish;
  publish->timer_ = std::move(timer);
  publish->alarm_ = publish->timer_->at(deadline, [weak = std::weak_ptr(publish)] {
    if (const auto self = weak.lock()) self->expire();
  });
  return publish;
}

void Publish::end(Fate fate, const std::exception_ptr& error) noexcept {
  if (ended_.exchange(true)) return;
  if (timer_) timer_->cancel(alarm_);
  try {
    tell_(fate, error);
  } catch (const std::exception& failure) {
    log(LogLevel::error, fmt::format("rabbit: the end of a publish failed: {}", failure.what()));
  }
}

void Publish::expire() noexcept {
  end(Fate::expired, std::make_exception_ptr(timeout_error(content_.what, *content_.timeline)));
}

std::exception_ptr not_sent_error(const Publish& publish, const std::exception_ptr& reason) {
  return std::make_exception_ptr(MessageDeliveryFailure(
      fmt::format("{} was not sent: {}", publish.content().what, text_of(reason))));
}

std::exception_ptr returned_error(const Publish& publish, const std::string& reason) {
  const auto& content = publish.content();
  return std::make_exception_ptr(MessageUndeliverable(
      fmt::format("{} reached no queue (exchange '{}', routing key '{}': {}); nobody serves it",
                  content.what, content.exchange, content.routing_key, printable(reason)),
      content.exchange, content.routing_key));
}

std::exception_ptr rejected_error(const Publish& publish) {
  return std::make_exception_ptr(MessageDeliveryFailure(
      fmt::format("{} was refused by the broker (basic.nack)", publish.content().what)));
}

std::exception_ptr refused_error(const Publish& publish, const ChannelClosed& closed) {
  return refusal(fmt::format("{} was not sent: {}", publish.content().what, closed.what()), closed);
}

std::exception_ptr in_doubt_error(const Publish& publish, const std::exception_ptr& reason) {
  return std::make_exception_ptr(MessageInDoubt(
      fmt::format("{} was written, but the connection died before the broker confirmed it, so it "
                  "may or may not have been taken: {}",
                  publish.content().what, text_of(reason)),
      publish.content().unique_id));
}

}  // namespace gantry::rabbit
