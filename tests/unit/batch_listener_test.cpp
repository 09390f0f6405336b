// SPDX-License-Identifier: Apache-2.0
// Batches as a listener gives them, of a backend that is polled and of one that pushes (BATCH-14).
#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "fake_bus.hpp"
#include "gantry/kit/batch.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "numbered_message.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using Sizes = std::vector<std::size_t>;

// A backend that gives its messages one at a time to whoever asks.
struct Source {
  void add(int number) {
    const std::lock_guard lock(mutex);
    numbers.push_back(number);
    changed.notify_all();
  }
  std::unique_ptr<IncomingMessage> next(Deadline deadline) {
    std::unique_lock lock(mutex);
    deadline.wait(changed, lock, [this] { return !numbers.empty() || stopped; });
    if (numbers.empty()) return nullptr;
    auto message = std::make_unique<NumberedMessage>(numbers.front());
    numbers.pop_front();
    return message;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> numbers;
  bool stopped = false;
};

class Polled final : public PollStyleListener {
 public:
  explicit Polled(Source& source) : source_(source) {}
  Batch poll(const BatchOptions& batch, Deadline deadline) override {
    return collect_batch([this](Deadline until) { return source_.next(until); }, batch, deadline);
  }
  void stop() noexcept override {
    const std::lock_guard lock(source_.mutex);
    source_.stopped = true;
    source_.changed.notify_all();
  }

 private:
  Source& source_;
};

enum class Kind { polled, pushed };

struct BatchListener : testing::TestWithParam<Kind> {
  ManualClock clock;
  Source source;
  std::unique_ptr<BaseDriver> driver = fake_driver(new_fake_url());
  std::unique_ptr<Receiver> receiver;

  void listen(const BatchOptions& batch) {
    receiver = std::make_unique<Receiver>(
        GetParam() == Kind::polled
            ? make_listener(std::make_unique<Polled>(source), batch)
            : driver->listen({.topic = "batches", .server = "s"}, batch, never));
  }
  void add(int from, int to) {
    for (int n = from; n <= to; ++n) {
      if (GetParam() == Kind::polled) {
        source.add(n);
      } else {
        driver->send({.topic = "batches"}, {.body = {{"n", n}}}, {}, Completion<void>());
      }
    }
  }
  // Until the listener has all that was added and waits for more.
  static void await_window() {
    while (detail::Sleeper::earliest() == Clock::time_point::max()) std::this_thread::yield();
  }
};

TEST_P(BatchListener, BATCH_2_BATCH_14_DRV_18_AFullBatchIsNotKeptWaiting) {
  listen({.size = 5, .timeout = 1h});
  receiver->start();
  add(1, 10);
  receiver->await(10);
  EXPECT_EQ(receiver->batches(), (Sizes{5, 5}));
}

TEST_P(BatchListener, BATCH_3_TheWindowOpensWithTheFirstMessage) {
  listen({.size = 10, .timeout = 1s});
  receiver->start();
  clock.advance(900ms);
  add(1, 1);
  await_window();
  clock.advance(900ms);
  add(2, 2);
  EXPECT_EQ(receiver->waiting(), 0U);
  clock.advance(100ms);
  receiver->await(2);
  EXPECT_EQ(receiver->batches(), Sizes{2});
}

TEST_P(BatchListener, BATCH_4_WhatIsThereAtTheEndOfTheWindowIsGiven) {
  listen({.size = 5, .timeout = 1s});
  add(1, 12);
  receiver->start();
  receiver->await(10);
  await_window();
  clock.advance(1s);
  receiver->await(12);
  EXPECT_EQ(receiver->batches(), (Sizes{5, 5, 2}));
}

TEST_P(BatchListener, BATCH_6_ATimeoutOfZeroTakesWhatIsThere) {
  listen({.size = 10, .timeout = 0s});
  add(1, 4);
  receiver->start();
  receiver->await(4);
  EXPECT_EQ(receiver->batches(), Sizes{4});
}

TEST_P(BatchListener, BATCH_7_WithoutATimeoutTheRestComesAtStop) {
  listen({.size = 3});
  add(1, 4);
  receiver->start();
  receiver->await(3);
  await_window();
  clock.advance(kBatchMaxLinger - 1s);
  EXPECT_EQ(receiver->waiting(), 3U);
  receiver->listener().stop();
  EXPECT_EQ(receiver->batches(), (Sizes{3, 1}));
}

TEST_P(BatchListener, BATCH_7_NoMessageLiesForEver) {
  listen({.size = 3});
  receiver->start();
  add(1, 1);
  await_window();
  clock.advance(kBatchMaxLinger);
  receiver->await(1);
  EXPECT_EQ(receiver->batches(), Sizes{1});
}

TEST_P(BatchListener, BATCH_9_LSN_2_LSN_3_StopGivesThePartialBatchAndThenNothing) {
  listen({.size = 10, .timeout = 1h});
  add(1, 3);
  receiver->start();
  await_window();
  receiver->listener().stop();
  EXPECT_EQ(receiver->batches(), Sizes{3});
  add(4, 4);
  EXPECT_EQ(receiver->waiting(), 3U);
}

TEST_P(BatchListener, BATCH_10_ABatchIsInTheOrderOfArrival) {
  listen({.size = 7, .timeout = 0s});
  receiver->start();
  add(1, 50);
  const auto numbers = receiver->receive_numbers(50);
  for (int n = 1; n <= 50; ++n) EXPECT_EQ(numbers[static_cast<std::size_t>(n - 1)], n);
}

// Nothing of an idle listener waits for the clock.
TEST_P(BatchListener, BATCH_13_LSN_1_AnIdleListenerDoesNotWakeUp) {
  listen({.size = 10, .timeout = 1s});
  receiver->start();
  clock.advance(1h);
  EXPECT_EQ(detail::Sleeper::earliest(), Clock::time_point::max());
  EXPECT_TRUE(receiver->batches().empty());
}

TEST_P(BatchListener, LSN_10_WhatWasReceivedCanBeSettledAfterStop) {
  listen({.size = 1});
  add(1, 1);
  receiver->start();
  const auto message = receiver->receive();
  receiver->listener().stop();
  message->acknowledge();
  receiver.reset();
  message->acknowledge();
}

INSTANTIATE_TEST_SUITE_P(Kinds, BatchListener, testing::Values(Kind::polled, Kind::pushed),
                         [](const auto& kind) {
                           return kind.param == Kind::polled ? "polled" : "pushed";
                         });

}  // namespace
}  // namespace gantry
