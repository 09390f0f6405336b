// SPDX-License-Identifier: Apache-2.0
#include "exchange.hpp"

#include <utility>

namespace bench {

BareExchange::~BareExchange() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

std::string BareExchange::call(std::string request) {
  Slot slot;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back({std::move(request), &slot});
  }
  changed_.notify_one();
  std::unique_lock lock(slot.mutex);
  slot.changed.wait(lock, [&] { return slot.reply.has_value(); });
  return std::move(*slot.reply);
}

void BareExchange::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !requests_.empty() || stopping_; });
    if (requests_.empty()) return;
    auto request = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    {
      // Told under the lock: without it the caller's slot might be gone already.
      const std::lock_guard slot_lock(request.caller->mutex);
      request.caller->reply = std::move(request.text);
      request.caller->changed.notify_one();
    }
    lock.lock();
  }
}

}  // namespace bench
