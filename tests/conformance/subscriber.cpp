// SPDX-License-Identifier: Apache-2.0
#include "subscriber.hpp"

#include <string>
#include <utility>

#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {

Subscriber& Subscriber::start() {
  listener_->start([this](Batch batch) { keep(std::move(batch)); });
  return *this;
}

Subscriber& Subscriber::start(Handler act) {
  listener_->start([this, act = std::move(act)](Batch batch) { handle(act, std::move(batch)); });
  return *this;
}

void Subscriber::handle(const Handler& act, Batch batch) noexcept {
  std::exception_ptr failure;
  try {
    for (auto& message : batch) act(*message);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (failure && !failure_) failure_ = failure;
  received_ += batch.size();
  batch_sizes_.push_back(batch.size());
  changed_.notify_all();
}

Subscriber& Subscriber::answer() {
  return start([](IncomingMessage& message) {
    const auto* const args = message.message().body.if_contains("args");
    message.reply(args != nullptr ? *args : Value());
  });
}

void Subscriber::keep(Batch batch) {
  const std::lock_guard lock(mutex_);
  received_ += batch.size();
  batch_sizes_.push_back(batch.size());
  for (auto& message : batch) messages_.push_back(std::move(message));
  changed_.notify_all();
}

std::unique_ptr<IncomingMessage> Subscriber::take() {
  std::unique_lock lock(mutex_);
  const auto deadline = Deadline::after(patience_);
  check(deadline.wait(changed_, lock, [this] { return !messages_.empty(); }),
        "a message that has to come did not come");
  auto message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::unique_ptr<IncomingMessage> Subscriber::take_request(int n, Deadline deadline) {
  std::unique_lock lock(mutex_);
  while (deadline.wait(changed_, lock, [this] { return !messages_.empty(); })) {
    auto message = std::move(messages_.front());
    messages_.pop_front();
    if (number_of(message->message()) == n) return message;
  }
  return nullptr;
}

int Subscriber::take_number() {
  const auto message = take();
  message->acknowledge();
  return number_of(message->message());
}

std::vector<int> Subscriber::take_numbers(std::size_t count) {
  std::vector<int> numbers;
  while (numbers.size() < count) numbers.push_back(take_number());
  return numbers;
}

std::vector<int> Subscriber::rest() {
  std::size_t left = 0;
  {
    const std::lock_guard lock(mutex_);
    left = messages_.size();
  }
  return take_numbers(left);
}

void Subscriber::await(std::size_t count) {
  std::unique_lock lock(mutex_);
  const auto deadline = Deadline::after(patience_);
  const bool came = deadline.wait(changed_, lock, [&] { return received_ >= count || failure_; });
  if (failure_) std::rethrow_exception(failure_);
  if (came) return;
  check(false,
        "only " + std::to_string(received_) + " of " + std::to_string(count) + " messages came");
}

std::size_t Subscriber::received() {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::vector<std::size_t> Subscriber::batch_sizes() {
  const std::lock_guard lock(mutex_);
  return batch_sizes_;
}

}  // namespace gantry::conformance
