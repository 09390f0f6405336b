// SPDX-License-Identifier: Apache-2.0
#include "gantry/driver/listener.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "numbered_message.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

// A backend with a number of messages, of which a stopped poll still gives what was received.
struct Backend {
  void add(int count) {
    const std::lock_guard lock(mutex);
    available += count;
    changed.notify_all();
  }
  void await_polls(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return polls >= count; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  int available = 0;
  int polls = 0;
  bool stopped = false;
  std::function<void()> fault{};  // runs in each poll
};

class Polled final : public PollStyleListener {
 public:
  explicit Polled(Backend& backend) : backend_(backend) {}

  Batch poll(const BatchOptions&, Deadline deadline) override {
    std::unique_lock lock(backend_.mutex);
    ++backend_.polls;
    backend_.changed.notify_all();
    if (backend_.fault) backend_.fault();
    deadline.wait(backend_.changed, lock,
                  [&] { return backend_.available > 0 || backend_.stopped; });
    Batch batch;
    if (backend_.available > 0) {
      --backend_.available;
      batch.push_back(std::make_unique<NumberedMessage>(0));
    }
    return batch;
  }
  void stop() noexcept override {
    const std::lock_guard lock(backend_.mutex);
    backend_.stopped = true;
    backend_.changed.notify_all();
  }

 private:
  Backend& backend_;
};

std::unique_ptr<Listener> listener_on(Backend& backend) {
  return make_listener(std::make_unique<Polled>(backend), {});
}

TEST(PollingListener, LSN_6_TheCallbackGetsMessagesAndNeverAnEmptyBatch) {
  Backend backend;
  const auto listener = listener_on(backend);
  std::promise<void> third;
  int calls = 0;
  listener->start([&](Batch batch) {
    EXPECT_FALSE(batch.empty());
    if (++calls == 3) third.set_value();
  });
  backend.add(3);
  third.get_future().wait();
  listener->stop();
  EXPECT_EQ(calls, 3);
}

TEST(PollingListener, LSN_7_NoCallFollowsStop) {
  for (int i = 0; i < 200; ++i) {
    Backend backend;
    const auto listener = listener_on(backend);
    std::atomic<bool> stopped = false;
    listener->start([&](Batch) { EXPECT_FALSE(stopped); });
    std::jthread feeding([&] { backend.add(5); });
    listener->stop();
    stopped = true;
  }
}

TEST(PollingListener, LSN_8_StopHandsOverWhatWasReceivedAlready) {
  Backend backend;
  const auto listener = listener_on(backend);
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<int> calls = 0;
  listener->start([&](Batch) {
    if (++calls > 1) return;
    entered.set_value();
    leave.get_future().wait();
  });
  backend.add(4);
  entered.get_future().wait();
  std::jthread stopping([&] { listener->stop(); });
  leave.set_value();
  stopping.join();
  EXPECT_EQ(calls, 4);
}

TEST(PollingListener, LSN_11_StopBeforeStartDoesNothing) {
  Backend backend;
  const auto listener = listener_on(backend);
  listener->stop();
  std::promise<void> received;
  listener->start([&](Batch) { received.set_value(); });
  backend.add(1);
  received.get_future().wait();
}

TEST(PollingListener, LSN_11_StopFromItsOwnThreadReturnsAtOnce) {
  Backend backend;
  const auto listener = listener_on(backend);
  std::promise<void> stopped;
  listener->start([&](Batch) {
    listener->stop();
    stopped.set_value();
  });
  backend.add(1);
  stopped.get_future().wait();
  listener->stop();
}

TEST(PollingListener, LSN_11_ASecondStartIsRefused) {
  Backend backend;
  const auto listener = listener_on(backend);
  listener->start([](Batch) {});
  EXPECT_THROW(listener->start([](Batch) {}), InvalidArgument);
}

TEST(PollingListener, LSN_12_AFailingPollIsLoggedOnceAndStopDoesNotWaitForTheNext) {
  std::atomic<int> errors = 0;
  set_log_sink([&](LogLevel level, std::string_view) { errors += level == LogLevel::error; });
  Backend backend;
  backend.fault = [] { throw TransportDriverError("the backend is gone"); };
  const auto listener = listener_on(backend);
  listener->start([](Batch) {});
  backend.await_polls(2);
  listener->stop();
  set_log_sink({});
  EXPECT_EQ(errors, 1);
  EXPECT_LE(backend.polls, 3);
}

TEST(PollingListener, LSN_13_AThrowingCallbackDoesNotEndTheListener) {
  set_log_sink([](LogLevel, std::string_view) {});
  Backend backend;
  const auto listener = listener_on(backend);
  std::promise<void> second;
  int calls = 0;
  listener->start([&](Batch) {
    if (++calls == 1) throw std::runtime_error("odd");
    second.set_value();
  });
  backend.add(2);
  second.get_future().wait();
  listener->stop();
  set_log_sink({});
  EXPECT_EQ(calls, 2);
}

TEST(PollingListener, WhilePausedNothingMoreIsTakenFromTheBackend) {
  Backend backend;
  const auto listener = listener_on(backend);
  std::atomic<int> calls = 0;
  std::promise<void> all;
  listener->pause();
  listener->start([&](Batch) {
    if (calls == 0) listener->pause();
    if (++calls == 2) all.set_value();
  });
  backend.add(2);
  EXPECT_EQ(backend.polls, 0);
  listener->resume();
  backend.await_polls(1);
  while (calls == 0) std::this_thread::yield();
  {
    const std::lock_guard lock(backend.mutex);
    EXPECT_EQ(backend.available, 1);
  }
  listener->resume();
  all.get_future().wait();
}

TEST(PollingListener, StopDrainsAlsoWhenPaused) {
  Backend backend;
  const auto listener = listener_on(backend);
  std::atomic<int> calls = 0;
  listener->pause();
  listener->start([&](Batch) { ++calls; });
  backend.add(3);
  listener->stop();
  EXPECT_EQ(calls, 3);
}

TEST(PollingListener, BATCH_8_ABatchSizeOfZeroIsRefused) {
  Backend backend;
  EXPECT_THROW(make_listener(std::make_unique<Polled>(backend), {.size = 0}), InvalidArgument);
}

}  // namespace
}  // namespace gantry
