// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/notify/notifier.hpp"

namespace gantry {

// What endpoints saw, in order.
class Seen {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  std::vector<std::string> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }

  // While the time goes on.
  std::vector<std::string> await(std::size_t count, ManualClock& clock) {
    while (size() < count) {
      clock.advance(std::chrono::milliseconds(100));
      std::this_thread::yield();
    }
    return await(count);
  }

 private:
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

struct NotificationListenerTest : testing::Test {
  Transport transport = fake_transport();
  Notifier notifier{transport, {.publisher_id = "test"}};
  Seen seen;

  NotificationEndpoint noting(const std::string& name, Priority priority = Priority::info) {
    NotificationEndpoint endpoint;
    endpoint.on(priority, [this, name](const Notification& event) {
      seen.add(name + ':' + event.event_type);
    });
    return endpoint;
  }
  // Until a notification that was received has ended, or waits to be given back.
  void await_settled() {
    while (transport.ledger().counts().receipts_under_way() != 0) std::this_thread::yield();
  }
  NotificationListener listener(std::initializer_list<NotificationEndpoint> endpoints,
                                ListenerOptions options = {}) {
    return {transport, {{.topic = "notifications"}}, endpoints, std::move(options)};
  }
};

}  // namespace gantry
