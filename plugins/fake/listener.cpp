// SPDX-License-Identifier: Apache-2.0
#include "listener.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/kit/batch.hpp"
#include "gantry/kit/dedup.hpp"
#include "gantry/log.hpp"

namespace gantry::fake {
namespace {

class ConsumingListener final : public Listener {
 public:
  explicit ConsumingListener(ListenerParts parts)
      : consumer_(std::move(parts.consumer)),
        batch_(parts.batch),
        decode_(parts.decode),
        receipt_(std::move(parts.receipt)),
        dedup_(parts.dedup) {}
  ~ConsumingListener() override { stop(); }

  void start(OnBatch on_batch) override {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable()) throw InvalidArgument("the listener was started already");
    if (!paused_) consumer_->resume();
    thread_ = std::jthread([this, on_batch = std::move(on_batch)] { run(on_batch); });
  }

  void pause() noexcept override { set_paused(true); }
  void resume() noexcept override { set_paused(false); }

  void stop() override {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) return;
    consumer_->stop();
    if (std::this_thread::get_id() == thread_.get_id()) return;
    ended_.wait(lock, [this] { return finished_; });
  }

 private:
  void run(const OnBatch& on_batch) {
    const NextMessage next = [this](Deadline deadline) { return receive(deadline); };
    while (true) {
      auto batch = collect_batch(next, batch_, never);
      if (batch.empty()) break;
      on_batch(std::move(batch));
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    ended_.notify_all();
  }

  // A body that cannot be read is dropped, and the next one waited for.
  std::unique_ptr<IncomingMessage> receive(Deadline deadline) {
    while (const auto delivery = consumer_->take(deadline)) {
      if (dedup_ && is_known(*delivery)) continue;
      try {
        return decode_(receipt_, *delivery);
      } catch (const SerializationError& error) {
        log(LogLevel::error, std::string("a message was dropped: ") + error.what());
      }
    }
    return nullptr;
  }

  // Ids are remembered only where a message may come twice, which takes a fault. What was requeued
  // is known and yet wanted.
  bool is_known(const Delivery& delivery) {
    const bool watchful = receipt_.faults && receipt_.faults->may_lose_acknowledgements();
    if (!delivery.repeats && !watchful) return false;
    return !recent_.remember(delivery.parcel->unique_id) && delivery.repeats;
  }

  // Before start the consumer stays closed, whatever is said here.
  void set_paused(bool paused) noexcept {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
    if (paused) {
      consumer_->pause();
    } else if (thread_.joinable()) {
      consumer_->resume();
    }
  }

  const std::unique_ptr<Consumer> consumer_;
  const BatchOptions batch_;
  const Decode decode_;
  const Receipt receipt_;
  const bool dedup_;
  RecentIds recent_{};  // of the receiving thread
  std::mutex mutex_;
  std::condition_variable ended_;
  bool paused_ = false;  // guarded by mutex_, as all below
  bool finished_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

std::unique_ptr<Listener> make_listener(ListenerParts parts) {
  return std::make_unique<ConsumingListener>(std::move(parts));
}

}  // namespace gantry::fake
