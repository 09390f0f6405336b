// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/batch.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

#include "gantry/error.hpp"
#include "numbered_message.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

std::vector<int> numbers(const Batch& batch) {
  std::vector<int> numbers;
  for (const auto& message : batch) {
    numbers.push_back(static_cast<int>(message->message().body.at("n").as_int64()));
  }
  return numbers;
}

// Gives 1, 2, … `available`, then nothing; keeps the deadlines it was asked with.
struct Source {
  std::unique_ptr<IncomingMessage> operator()(Deadline deadline) {
    deadlines.push_back(deadline);
    if (given == available) return nullptr;
    return std::make_unique<NumberedMessage>(++given);
  }
  int available = 0;
  int given = 0;
  std::vector<Deadline> deadlines{};
};

Batch collect(Source& source, const BatchOptions& batch, Deadline deadline = never) {
  return collect_batch([&](Deadline until) { return source(until); }, batch, deadline);
}

TEST(Batch, BATCH_1_ABatchOfOneReturnsWithTheFirstMessage) {
  Source source{.available = 3};
  EXPECT_EQ(numbers(collect(source, {.size = 1})), std::vector{1});
  EXPECT_EQ(source.deadlines.size(), 1U);
}

TEST(Batch, BATCH_2_ReturnsAsSoonAsItIsFull) {
  Source source{.available = 10};
  EXPECT_EQ(numbers(collect(source, {.size = 5, .timeout = 1h})), (std::vector{1, 2, 3, 4, 5}));
  EXPECT_EQ(numbers(collect(source, {.size = 5, .timeout = 1h})), (std::vector{6, 7, 8, 9, 10}));
}

TEST(Batch, BATCH_3_TheWindowOpensWithTheFirstMessageAndIsNotExtended) {
  Source source{.available = 3};
  const auto before = Deadline::after(1h);
  collect(source, {.size = 10, .timeout = 1h});
  const auto after = Deadline::after(1h);
  ASSERT_EQ(source.deadlines.size(), 4U);
  EXPECT_TRUE(source.deadlines[0].is_never());
  EXPECT_GE(source.deadlines[1], before);
  EXPECT_LE(source.deadlines[1], after);
  EXPECT_EQ(source.deadlines[2], source.deadlines[1]);
  EXPECT_EQ(source.deadlines[3], source.deadlines[1]);
}

TEST(Batch, BATCH_4_AtTheEndOfTheWindowItReturnsWhatIsThere) {
  Source source{.available = 12};
  std::vector<std::size_t> sizes;
  while (true) {
    const auto batch = collect(source, {.size = 5, .timeout = 1s});
    if (batch.empty()) break;
    sizes.push_back(batch.size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{5, 5, 2}));
}

TEST(Batch, BATCH_5_TheDeadlineBoundsTheWholePoll) {
  Source source{.available = 1};
  const auto deadline = Deadline::after(1s);
  collect(source, {.size = 2, .timeout = 1h}, deadline);
  EXPECT_EQ(source.deadlines, (std::vector{deadline, deadline}));
}

TEST(Batch, BATCH_5_NoMessageByTheDeadlineIsAnEmptyBatch) {
  Source source;
  EXPECT_TRUE(collect(source, {.size = 2, .timeout = 1h}, Deadline::after(0ms)).empty());
}

TEST(Batch, BATCH_6_ATimeoutOfZeroTakesWhatIsThere) {
  Source source{.available = 4};
  EXPECT_EQ(numbers(collect(source, {.size = 10, .timeout = 0ms})), (std::vector{1, 2, 3, 4}));
  EXPECT_TRUE(source.deadlines.back().expired());
}

TEST(Batch, BATCH_7_WithoutATimeoutItWaitsToBeFullButNotForEver) {
  Source source{.available = 1};
  const auto before = Deadline::after(kBatchMaxLinger);
  collect(source, {.size = 3});
  EXPECT_GE(source.deadlines.back(), before);
  EXPECT_LE(source.deadlines.back(), Deadline::after(kBatchMaxLinger));
}

TEST(Batch, BATCH_8_ASizeOfZeroIsRefused) {
  EXPECT_THROW(check_batch({.size = 0}), InvalidArgument);
  EXPECT_NO_THROW(check_batch({.size = 1}));
}

TEST(Batch, BATCH_9_BATCH_10_AStoppedSourceGivesThePartialBatchInOrder) {
  Source source{.available = 3};
  EXPECT_EQ(numbers(collect(source, {.size = 10})), (std::vector{1, 2, 3}));
}

TEST(Batch, BATCH_11_ADeadlineOfNowIsOnePass) {
  Source source{.available = 1};
  const Deadline now(Clock::now());
  EXPECT_EQ(numbers(collect(source, {.size = 3, .timeout = 1h}, now)), std::vector{1});
  EXPECT_EQ(source.deadlines, (std::vector{now, now})) << "neither wait goes beyond it";
}

TEST(Batch, BATCH_12_ANegativeTimeoutIsRefused) {
  EXPECT_THROW(check_batch({.size = 1, .timeout = -1ms}), InvalidArgument);
  EXPECT_NO_THROW(check_batch({.size = 1, .timeout = 0ms}));
}

}  // namespace
}  // namespace gantry
