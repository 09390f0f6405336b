// SPDX-License-Identifier: Apache-2.0
#include "listener.hpp"

#include <atomic>
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

// How many messages a sender hands over before it goes back to its own business.
constexpr int kBorrowed = 4;

class ConsumingListener final : public Listener {
 public:
  explicit ConsumingListener(ListenerParts parts)
      : consumer_(std::move(parts.consumer)),
        batch_(parts.batch),
        decode_(parts.decode),
        receipt_(std::move(parts.receipt)),
        dedup_(parts.dedup),
        ledger_(std::move(parts.ledger)) {}
  ~ConsumingListener() override { stop(); }

  void start(OnBatch on_batch) override {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable()) throw InvalidArgument("the listener was started already");
    on_batch_ = std::move(on_batch);
    if (batch_.on_any_thread && batch_.size == 1) consumer_->lend([this] { hand_over_borrowed(); });
    if (!paused_) consumer_->resume();
    thread_ = std::jthread([this] { run(); });
  }

  void pause() noexcept override { set_paused(true); }
  void resume() noexcept override { set_paused(false); }

  void stop() override {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) return;
    consumer_->stop();
    const auto self = std::this_thread::get_id();
    if (self == thread_.get_id() || self == borrower_) return;
    ended_.wait(lock, [this] { return finished_; });
  }

 private:
  void run() {
    const NextMessage next = [this](Deadline deadline) { return receive(deadline); };
    while (true) {
      auto batch = collect_batch(next, batch_, never);
      if (batch.empty()) break;
      hand_over(std::move(batch), on_batch_);
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    ended_.notify_all();
  }

  // A message that is dropped is passed over, and the next one waited for.
  std::unique_ptr<IncomingMessage> receive(Deadline deadline) {
    while (auto delivery = consumer_->take(deadline)) {
      if (auto message = accept(std::move(*delivery))) return message;
    }
    return nullptr;
  }

  // On the thread of a sender, which is not kept for long.
  void hand_over_borrowed() {
    for (int left = kBorrowed; auto delivery = consumer_->take_borrowed(left); --left) {
      Batch batch;
      if (auto message = accept(std::move(*delivery))) batch.push_back(std::move(message));
      if (batch.empty()) continue;
      borrower_ = std::this_thread::get_id();
      hand_over(std::move(batch), on_batch_);
      borrower_ = std::thread::id();
    }
  }

  // Null for a body that cannot be read, and for a duplicate.
  std::unique_ptr<IncomingMessage> accept(Delivery&& delivery) {
    if (dedup_ && is_known(delivery)) {
      ledger_->count(Mishap::repeated);
      return nullptr;
    }
    try {
      return decode_(receipt_, std::move(delivery));
    } catch (const SerializationError& error) {
      ledger_->count(Mishap::unreadable);
      ledger_->warn(Mishap::unreadable, std::string("a message was dropped: ") + error.what());
      return nullptr;
    }
  }

  // Ids are remembered only where a message may come twice, which takes a fault. What was requeued
  // is known and yet wanted.
  bool is_known(const Delivery& delivery) {
    const bool watchful = receipt_.faults && receipt_.faults->may_lose_acknowledgements();
    if (!delivery.repeats && !watchful) return false;
    return !recent_.remember(delivery.parcel->id) && delivery.repeats;
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
  const std::shared_ptr<Ledger> ledger_;
  RecentIds recent_{};  // of whoever has the turn to take, as is on_batch_
  OnBatch on_batch_{};
  std::atomic<std::thread::id> borrower_{};  // the sender that is in on_batch_ now
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
