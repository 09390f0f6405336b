// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/reply_waiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gantry/failure.hpp"
#include "gantry/kit/manual_clock.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Answer = std::future<Outcome<Value>>;

struct WaitingCall {
  ReplyWaiter::Call call;
  Answer answer;
};

WaitingCall make_call(Deadline deadline = never,
                      std::optional<std::chrono::milliseconds> monitor = {}) {
  std::promise<Outcome<Value>> told;
  auto answer = told.get_future();
  auto timeline = std::make_shared<Timeline>();
  timeline->reach(Stage::accepted);
  Completion<Value> done([told = std::move(told)](Outcome<Value> outcome) mutable {
    told.set_value(std::move(outcome));
  });
  return {{.done = std::move(done),
           .deadline = deadline,
           .monitor = monitor,
           .timeline = std::move(timeline),
           .method = "add",
           .target = {.topic = "calc"},
           .reply_queue = "reply_1"},
          std::move(answer)};
}

Answer wait_for(ReplyWaiter& waiter, std::string_view id, Deadline deadline = never,
                std::optional<std::chrono::milliseconds> monitor = {}) {
  auto [call, answer] = make_call(deadline, monitor);
  waiter.add(id, std::move(call));
  return std::move(answer);
}

wire::ReplyBody answer_to(std::string id, Value result, bool ending = true,
                          std::string unique_id = {}) {
  return {std::move(id), std::move(unique_id), std::nullopt, std::move(result), ending};
}

wire::ReplyBody heartbeat_for(std::string id, std::string unique_id = {}) {
  return answer_to(std::move(id), nullptr, false, std::move(unique_id));
}

bool ended(const Answer& answer) { return answer.wait_for(0s) == std::future_status::ready; }

template <class Error>
Error error_of(Answer answer) {
  try {
    answer.get().get();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("the call succeeded");
}

TEST(ReplyWaiter, RPLY_2_ReplyRacingThePublishIsNotLostAndNothingStaysBehind) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  EXPECT_EQ(waiter.waiting(), 1U);
  EXPECT_TRUE(waiter.deliver(answer_to("a", 7)));
  EXPECT_EQ(answer.get().get(), Value(7));
  EXPECT_EQ(waiter.waiting(), 0U);
}

TEST(ReplyWaiter, RPLY_2_AnIdThatWaitsAlreadyIsRefusedAndTheFirstCallGoesOn) {
  ReplyWaiter waiter;
  auto first = wait_for(waiter, "a");
  EXPECT_THROW(wait_for(waiter, "a"), InvalidArgument);
  EXPECT_TRUE(waiter.deliver(answer_to("a", 7)));
  EXPECT_EQ(first.get().get(), Value(7));
}

TEST(ReplyWaiter, RPLY_3_RepliesInAnyOrderReachTheirCallers) {
  ReplyWaiter waiter;
  std::vector<Answer> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(wait_for(waiter, std::to_string(i)));
  for (int i = 9; i >= 0; --i) EXPECT_TRUE(waiter.deliver(answer_to(std::to_string(i), i)));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].get().get(), Value(i));
  }
}

TEST(ReplyWaiter, RPLY_4_ReplyForAnUnknownIdIsDropped) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  EXPECT_FALSE(waiter.deliver(answer_to("b", 7)));
  EXPECT_FALSE(ended(answer));
}

TEST(ReplyWaiter, RPLY_6_CallEndsAtItsDeadline) {
  ManualClock clock;
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", Deadline::after(20ms));
  clock.advance(19ms);
  EXPECT_FALSE(ended(answer));
  clock.advance(1ms);
  EXPECT_THROW(answer.get().get(), MessagingTimeout);
  EXPECT_EQ(waiter.waiting(), 0U);
  EXPECT_FALSE(waiter.deliver(answer_to("a", 7))) << "the late reply finds nobody";
}

TEST(ReplyWaiter, RPLY_6_ALaterCallWithAnEarlierDeadlineIsNotKeptWaiting) {
  ReplyWaiter waiter;
  auto late = wait_for(waiter, "late", Deadline::after(1h));
  auto early = wait_for(waiter, "early", Deadline::after(5ms));
  EXPECT_THROW(early.get().get(), MessagingTimeout);
  auto next = wait_for(waiter, "next", Deadline::after(5ms));
  EXPECT_THROW(next.get().get(), MessagingTimeout);
  EXPECT_FALSE(ended(late));
}

TEST(ReplyWaiter, CLI_23_ACallThatIsGivenUpIsForgottenAtOnce) {
  ManualClock clock;
  ReplyWaiter waiter;
  std::stop_source caller;
  auto [call, answer] = make_call(Deadline::after(1h));
  call.given_up = caller.get_token();
  waiter.add("a", std::move(call));
  auto other = wait_for(waiter, "b");
  caller.request_stop();
  error_of<OperationCancelled>(std::move(answer));
  EXPECT_EQ(waiter.waiting(), 1U);
  EXPECT_FALSE(waiter.deliver(answer_to("a", 7))) << "the late reply finds nobody";
  EXPECT_TRUE(waiter.deliver(answer_to("b", 8)));
}

TEST(ReplyWaiter, CLI_23_ACallMayBeGivenUpBeforeItBeginsAndAfterItsEnd) {
  ReplyWaiter waiter;
  std::stop_source caller;
  auto [first, answered] = make_call();
  first.given_up = caller.get_token();
  waiter.add("a", std::move(first));
  waiter.deliver(answer_to("a", 7));
  caller.request_stop();
  EXPECT_EQ(answered.get().get(), Value(7));
  auto [second, cancelled] = make_call();
  second.given_up = caller.get_token();
  waiter.add("b", std::move(second));
  error_of<OperationCancelled>(std::move(cancelled));
  EXPECT_EQ(waiter.waiting(), 0U);
}

TEST(ReplyWaiter, CLI_23_GivingUpRacesWithTheReplyAndTheEnd) {
  for (int i = 0; i < 200; ++i) {
    auto waiter = std::make_unique<ReplyWaiter>();
    std::stop_source caller;
    auto [call, answer] = make_call();
    call.given_up = caller.get_token();
    waiter->add("a", std::move(call));
    std::jthread giving_up([&] { caller.request_stop(); });
    std::jthread answering([&] {
      if (i % 2 == 0) {
        waiter->deliver(answer_to("a", 7));
      } else {
        waiter.reset();
      }
    });
    answer.wait();
  }
}

TEST(ReplyWaiter, RPLY_7_LegacyReplyInTwoPartsCompletesWithTheFirstResult) {
  for (const Value& result : {Value(7), Value(0), Value(false), Value("")}) {
    ReplyWaiter waiter;
    auto answer = wait_for(waiter, "a");
    EXPECT_TRUE(waiter.deliver(answer_to("a", result, false)));
    EXPECT_FALSE(ended(answer));
    EXPECT_TRUE(waiter.deliver(answer_to("a", nullptr)));
    EXPECT_EQ(answer.get().get(), result);
  }
}

TEST(ReplyWaiter, RPLY_7_FailureInTheFirstOfTwoPartsIsNotLost) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  auto first = answer_to("a", nullptr, false);
  first.failure = Failure{.class_name = "ValueError"};
  waiter.deliver(std::move(first));
  waiter.deliver(answer_to("a", nullptr));
  EXPECT_EQ(error_of<RemoteError>(std::move(answer)).exc_type(), "ValueError");
}

TEST(ReplyWaiter, RPLY_8_NullIsAValidAnswer) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  waiter.deliver(answer_to("a", nullptr));
  EXPECT_TRUE(answer.get().get().is_null());
}

TEST(ReplyWaiter, RPLY_9_HeartbeatWithoutAMonitorIsIgnored) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  EXPECT_TRUE(waiter.deliver(heartbeat_for("a")));
  EXPECT_FALSE(ended(answer));
  waiter.deliver(answer_to("a", 7));
  EXPECT_EQ(answer.get().get(), Value(7));
}

TEST(ReplyWaiter, RPLY_10_MonitorWorksWithoutADeadline) {
  ManualClock clock;
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", never, 10s);
  clock.advance(10s);
  EXPECT_EQ(error_of<MessagingTimeout>(std::move(answer)).cause(), TimeoutCause::no_heartbeat);
}

TEST(ReplyWaiter, RPLY_11_TheDeadlineIsCheckedBeforeTheMonitor) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", Deadline::after(0ms), 0ms);
  EXPECT_NE(error_of<MessagingTimeout>(std::move(answer)).cause(), TimeoutCause::no_heartbeat);
}

TEST(ReplyWaiter, RPLY_12_HeartbeatGivesTheMonitorItsFullTimeAgain) {
  ManualClock clock;
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", never, 10s);
  for (int i = 0; i < 3; ++i) {
    clock.advance(9s);
    EXPECT_TRUE(waiter.deliver(heartbeat_for("a")));
  }
  clock.advance(9s);
  EXPECT_FALSE(ended(answer));
  clock.advance(1s);
  EXPECT_EQ(error_of<MessagingTimeout>(std::move(answer)).cause(), TimeoutCause::no_heartbeat);
}

TEST(ReplyWaiter, RPLY_12_HeartbeatDoesNotExtendTheDeadline) {
  ManualClock clock;
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", Deadline::after(20s), 1h);
  waiter.deliver(heartbeat_for("a"));
  clock.advance(20s);
  EXPECT_EQ(error_of<MessagingTimeout>(std::move(answer)).cause(), TimeoutCause::in_handler);
}

TEST(ReplyWaiter, RPLY_13_TimeoutNamesReplyQueueIdTopicMethodAndTime) {
  ManualClock clock;
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "1234", Deadline::after(2500ms));
  clock.advance(2500ms);
  const std::string text = error_of<MessagingTimeout>(std::move(answer)).what();
  for (const auto* part : {"reply_1", "1234", "calc", "'add'", "2.500 s"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(ReplyWaiter, RPLY_13_CauseTellsHowFarTheCallCame) {
  struct Row {
    Stage reached;
    TimeoutCause cause;
  };
  for (const auto& [reached, cause] :
       {Row{Stage::accepted, TimeoutCause::connecting},
        Row{Stage::connected, TimeoutCause::unknown}, Row{Stage::blocked, TimeoutCause::blocked},
        Row{Stage::sent, TimeoutCause::unconfirmed}, Row{Stage::confirmed, TimeoutCause::no_reply},
        Row{Stage::handling, TimeoutCause::in_handler}}) {
    Timeline timeline;
    timeline.reach(reached);
    EXPECT_EQ(timeout_error("a call", timeline).cause(), cause);
  }
}

TEST(ReplyWaiter, RPLY_13_TheDriverMayKnowTheCauseBetter) {
  ReplyWaiter waiter;
  waiter.set_diagnosis([](std::string_view id) -> std::optional<TimeoutCause> {
    if (id != "nobody") return std::nullopt;
    return TimeoutCause::no_consumer;
  });
  auto nobody = wait_for(waiter, "nobody", Deadline::after(1ms));
  auto other = wait_for(waiter, "other", Deadline::after(1ms));
  EXPECT_EQ(error_of<MessagingTimeout>(std::move(nobody)).cause(), TimeoutCause::no_consumer);
  EXPECT_EQ(error_of<MessagingTimeout>(std::move(other)).cause(), TimeoutCause::connecting);
}

TEST(ReplyWaiter, RELIABILITY_O7_CallsThatWereSentEndWhenTheReplyQueueVanishes) {
  ReplyWaiter waiter;
  auto [sent, lost] = make_call();
  sent.timeline->reach(Stage::sent);
  waiter.add("sent", std::move(sent));
  auto waiting = wait_for(waiter, "not yet");
  waiter.lose_replies();
  const auto error = error_of<MessagingTimeout>(std::move(lost));
  EXPECT_EQ(error.cause(), TimeoutCause::reply_lost);
  EXPECT_THAT(error.what(), HasSubstr("reply_1"));
  EXPECT_EQ(waiter.waiting(), 1U);
}

TEST(ReplyWaiter, RPLY_14_DuplicatesAreDroppedByUniqueId) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a", never, 1h);
  EXPECT_TRUE(waiter.deliver(heartbeat_for("a", "h1")));
  EXPECT_FALSE(waiter.deliver(heartbeat_for("a", "h1")));
  EXPECT_TRUE(waiter.deliver(answer_to("a", 7, true, "r")));
  EXPECT_FALSE(waiter.deliver(answer_to("a", 8, true, "r")));
  EXPECT_EQ(answer.get().get(), Value(7));
}

TEST(ReplyWaiter, RPLY_15_OneWarningEachTimeTheOutstandingCallsPassAThreshold) {
  std::atomic<int> warnings = 0;
  set_log_sink([&](LogLevel level, std::string_view) {
    if (level == LogLevel::warning) ++warnings;
  });
  {
    ReplyWaiter waiter;
    std::vector<Answer> answers;
    const auto add_until = [&](std::size_t count) {
      while (answers.size() < count) {
        answers.push_back(wait_for(waiter, std::to_string(answers.size())));
      }
    };
    add_until(10);
    EXPECT_EQ(warnings, 0);
    add_until(20);
    EXPECT_EQ(warnings, 1);
    add_until(21);
    EXPECT_EQ(warnings, 2);
  }
  set_log_sink({});
}

TEST(ReplyWaiter, RPLY_17_PendingCallsEndWithTransportClosed) {
  auto waiter = std::make_unique<ReplyWaiter>();
  auto answer = wait_for(*waiter, "a", Deadline::after(1h), 1h);
  waiter.reset();
  EXPECT_THROW(answer.get().get(), TransportClosed);
}

TEST(ReplyWaiter, RPLY_18_FailureBecomesARemoteError) {
  ReplyWaiter waiter;
  auto answer = wait_for(waiter, "a");
  auto reply = answer_to("a", nullptr);
  reply.failure = Failure{.class_name = "ValueError", .module = "builtins", .message = "odd"};
  waiter.deliver(std::move(reply));
  const auto error = error_of<RemoteError>(std::move(answer));
  EXPECT_EQ(error.exc_type(), "ValueError");
  EXPECT_EQ(error.value(), "odd");
}

TEST(ReplyWaiter, DRV_22_ACompletionMayUseTheWaiter) {
  ReplyWaiter waiter;
  std::promise<std::size_t> seen;
  auto call = make_call().call;
  call.done = Completion<Value>([&](Outcome<Value>) { seen.set_value(waiter.waiting()); });
  waiter.add("a", std::move(call));
  waiter.fail("a", std::make_exception_ptr(MessageDeliveryFailure("nobody took it")));
  EXPECT_EQ(seen.get_future().get(), 0U);
}

TEST(ReplyWaiter, EveryCallEndsOnceWhoeverComesFirst) {
  constexpr int calls = 2000;
  std::atomic<int> endings = 0;
  std::promise<void> all_ended;
  ReplyWaiter waiter;
  const auto add = [&](int i) {
    auto call = make_call(Deadline::after(std::chrono::microseconds(i % 50))).call;
    call.done = Completion<Value>([&](Outcome<Value>) {
      if (++endings == calls) all_ended.set_value();
    });
    waiter.add(std::to_string(i), std::move(call));
  };
  {
    std::jthread replies([&] {
      for (int i = 0; i < calls; ++i) waiter.deliver(answer_to(std::to_string(i), i));
    });
    std::jthread failures([&] {
      const auto error = std::make_exception_ptr(MessageDeliveryFailure("lost"));
      for (int i = 0; i < calls; ++i) waiter.fail(std::to_string(i), error);
    });
    for (int i = 0; i < calls; ++i) add(i);
  }
  all_ended.get_future().wait();
  EXPECT_EQ(endings, calls);
  EXPECT_EQ(waiter.waiting(), 0U);
}

}  // namespace
}  // namespace gantry
