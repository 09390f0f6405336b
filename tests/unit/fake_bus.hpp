// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "gantry/driver/base_driver.hpp"
#include "gantry/error.hpp"

namespace gantry {

// A listener whose messages are taken one by one.
class Receiver {
 public:
  explicit Receiver(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}

  Receiver& start() {
    listener_->start([this](Batch batch) {
      const std::lock_guard lock(mutex_);
      batches_.push_back(batch.size());
      for (auto& message : batch) messages_.push_back(std::move(message));
      changed_.notify_all();
    });
    return *this;
  }
  Listener& listener() { return *listener_; }

  std::unique_ptr<IncomingMessage> receive() {
    await(1);
    const std::lock_guard lock(mutex_);
    auto message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }
  // Acknowledged: a notification that is dropped unsettled would come again.
  int receive_number() {
    const auto message = receive();
    message->acknowledge();
    return static_cast<int>(message->message().body.at("n").as_int64());
  }
  std::vector<int> receive_numbers(std::size_t count) {
    std::vector<int> numbers;
    while (numbers.size() < count) numbers.push_back(receive_number());
    return numbers;
  }

  void await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return messages_.size() >= count; });
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }
  std::vector<std::size_t> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<IncomingMessage>> messages_;  // guarded by mutex_
  std::vector<std::size_t> batches_;                       // guarded by mutex_
  std::unique_ptr<Listener> listener_;                     // last: it uses the others
};

// A fake driver, and shorthands that wait for the end of what they start. Each test has exchanges
// of its own.
struct FakeBus : testing::Test {
  const std::string url = new_fake_url();
  std::unique_ptr<BaseDriver> driver = fake_driver(url);

  static Message numbered(int n) { return {.body = {{"n", n}}}; }

  static void send(BaseDriver& by, const Target& target, Message message,
                   const SendOptions& options = {}) {
    std::promise<Outcome<void>> ended;
    by.send(target, std::move(message), options,
            Completion<void>([&](Outcome<void> outcome) { ended.set_value(std::move(outcome)); }));
    ended.get_future().get().get();
  }
  void cast(const Target& target, int n, const SendOptions& options = {}) {
    send(*driver, target, numbered(n), options);
  }

  std::future<Outcome<Value>> call(const Target& target, Message message,
                                   const CallOptions& options = {}) {
    std::promise<Outcome<Value>> ended;
    auto future = ended.get_future();
    driver->call(target, std::move(message), options,
                 Completion<Value>([ended = std::move(ended)](Outcome<Value> outcome) mutable {
                   ended.set_value(std::move(outcome));
                 }));
    return future;
  }
  TimeoutCause cause_of_timeout(std::future<Outcome<Value>> ended) {
    try {
      ended.get().get();
    } catch (const MessagingTimeout& error) {
      return error.cause();
    }
    throw std::logic_error("the call did not time out");
  }

  void notify(const Target& target, int n, Envelope envelope = Envelope::v2) {
    std::promise<Outcome<void>> ended;
    driver->send_notification(
        target, numbered(n), envelope, {},
        Completion<void>([&](Outcome<void> outcome) { ended.set_value(std::move(outcome)); }));
    ended.get_future().get().get();
  }

  Receiver server(const std::string& name, const Target& on = {.topic = "calc"},
                  const BatchOptions& batch = {}) {
    auto target = on;
    target.server = name;
    return Receiver(driver->listen(target, batch, never));
  }
  Receiver listener(std::vector<Subscription> subscriptions, std::string_view pool = {},
                    const BatchOptions& batch = {}) {
    return Receiver(driver->listen_for_notifications(subscriptions, pool, batch, never));
  }
};

}  // namespace gantry
