// SPDX-License-Identifier: Apache-2.0
#include "gantry/driver/listener.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "../exception_text.hpp"
#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

// Logs what repeats: the same text at most once a minute, with how often it was held back.
class Complaints {
 public:
  void log(const std::string& text) {
    if (text == last_ && !quiet_until_.expired()) {
      ++held_back_;
      return;
    }
    const auto repeated =
        held_back_ == 0 ? "" : " (the last one " + std::to_string(held_back_) + " times more)";
    gantry::log(LogLevel::error, text + repeated);
    last_ = text;
    held_back_ = 0;
    quiet_until_ = Deadline::after(1min);
  }

 private:
  std::string last_{};
  Deadline quiet_until_;
  std::size_t held_back_ = 0;
};

class PollingListener final : public Listener {
 public:
  PollingListener(std::unique_ptr<PollStyleListener> source, const BatchOptions& batch)
      : source_(std::move(source)), batch_(batch) {}
  ~PollingListener() override { stop(); }

  void start(OnBatch on_batch) override {
    const std::lock_guard lock(mutex_);
    if (started_) throw InvalidArgument("the listener was started already: make another one");
    started_ = true;
    thread_ = std::jthread([this, on_batch = std::move(on_batch)]() mutable {
      run(on_batch);
      on_batch = nullptr;
      const std::lock_guard ending(mutex_);
      finished_ = true;
      changed_.notify_all();
    });
  }

  void pause() noexcept override { set_paused(true); }
  void resume() noexcept override { set_paused(false); }

  void stop() override {
    std::unique_lock lock(mutex_);
    if (!started_) return;
    stopping_ = true;
    lock.unlock();
    changed_.notify_all();
    source_->stop();
    lock.lock();
    if (std::this_thread::get_id() == thread_.get_id()) return;
    changed_.wait(lock, [this] { return finished_; });
  }

 private:
  void run(const OnBatch& on_batch) {
    while (true) {
      const bool stopping = wait_while_paused();
      try {
        auto messages = source_->poll(batch_, never);
        if (!messages.empty()) {
          hand_over(std::move(messages), on_batch);
        } else if (stopping) {
          return;
        }
      } catch (...) {
        complaints_.log("receiving failed, next attempt in 1 s: " +
                        text_of(std::current_exception()));
        if (stopped_within(1s)) return;
      }
    }
  }

  // Returns whether the listener is stopping; then a pause does not count, and what was received is
  // drained.
  bool wait_while_paused() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !paused_ || stopping_; });
    return stopping_;
  }

  bool stopped_within(std::chrono::milliseconds delay) {
    std::unique_lock lock(mutex_);
    return Deadline::after(delay).wait(changed_, lock, [this] { return stopping_; });
  }

  void set_paused(bool paused) noexcept {
    {
      const std::lock_guard lock(mutex_);
      paused_ = paused;
    }
    changed_.notify_all();
  }

  const std::unique_ptr<PollStyleListener> source_;
  const BatchOptions batch_;
  Complaints complaints_;  // the thread's
  std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;  // guarded by mutex_, as all below
  bool paused_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

void hand_over(Batch batch, const Listener::OnBatch& on_batch) noexcept {
  try {
    on_batch(std::move(batch));
  } catch (...) {
    log(LogLevel::error,
        "a batch was dropped, its receiver threw: " + printable(text_of(std::current_exception())));
  }
}

std::unique_ptr<Listener> make_listener(std::unique_ptr<PollStyleListener> source,
                                        const BatchOptions& batch) {
  if (batch.size == 0) throw InvalidArgument("a batch size of 0: it has to be at least 1");
  return std::make_unique<PollingListener>(std::move(source), batch);
}

}  // namespace gantry
