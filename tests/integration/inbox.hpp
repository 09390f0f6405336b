// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "gantry/driver/listener.hpp"

namespace gantry::test {

// Keeps what a listener hands over, until a test asks for it.
class Inbox {
 public:
  Listener::OnBatch receiver() {
    return [this](Batch batch) {
      const std::lock_guard lock(mutex_);
      for (auto& message : batch) messages_.push_back(std::move(message));
      sizes_.push_back(batch.size());
      changed_.notify_all();
    };
  }
  // Waits for `count` messages in all.
  bool wait_for(std::size_t count, Deadline deadline = Deadline::after(std::chrono::seconds(60))) {
    std::unique_lock lock(mutex_);
    return deadline.wait(changed_, lock, [&] { return messages_.size() >= count; });
  }
  std::unique_ptr<IncomingMessage> take() {
    if (!wait_for(1)) throw std::runtime_error("no message came");
    const std::lock_guard lock(mutex_);
    auto message = std::move(messages_.front());
    messages_.erase(messages_.begin());
    return message;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }
  std::vector<std::size_t> sizes() {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<IncomingMessage>> messages_;  // guarded by mutex_, as the next
  std::vector<std::size_t> sizes_;
};

}  // namespace gantry::test
