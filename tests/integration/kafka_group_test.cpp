// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "gantry/log.hpp"
#include "inbox.hpp"
#include "kafka_fixture.hpp"
#include "mock_cluster.hpp"

// What a group keeps as its position when something goes wrong.
namespace gantry::test {
namespace {

// Waits until the library has logged a text.
class LogWatch {
 public:
  explicit LogWatch(std::string_view wanted) {
    set_log_level(LogLevel::info);
    set_log_sink([this, wanted](LogLevel, std::string_view text) {
      if (text.find(wanted) == text.npos) return;
      const std::lock_guard lock(mutex_);
      seen_ = true;
      changed_.notify_all();
    });
  }
  LogWatch(const LogWatch&) = delete;
  ~LogWatch() {
    set_log_sink({});
    set_log_level(LogLevel::warning);
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return Deadline::after(kPatience).wait(changed_, lock, [this] { return seen_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool seen_ = false;  // guarded by mutex_
};

constexpr std::int16_t kOffsetCommit = 8;  // the request's number

struct KafkaGroupTest : testing::Test {
  KafkaGroupTest() { cluster.create("t.info"); }

  MockCluster cluster;
  Inbox inbox;

  static Deadline soon() { return Deadline::after(kPatience); }
  static std::unique_ptr<Listener> listen(Transport& transport, const BatchOptions& batch = {}) {
    const Subscription infos{{.topic = "t"}, "info"};
    return transport.listen_for_notifications({&infos, 1}, "g", batch, soon());
  }
  static void notify(Transport& transport, int n) {
    transport.send_notification({.topic = "t.info"}, event(n), Envelope::v2, {.deadline = soon()});
  }
  int take_one() {
    const auto message = inbox.take();
    message->acknowledge();
    return number_of(message->message());
  }
};

// The third waits for its batch to be full when another member comes, and one of the two gets it.
TEST_F(KafkaGroupTest, WIRE_12_2_WithAutoCommitWhatWasNotHandedOutIsNotSettled) {
  const auto url = cluster.url() + "?session_timeout=6&enable_auto_commit=true";
  {
    auto sending = open_kafka(url + "&producer_batch_timeout=0.3");
    for (int n = 1; n <= 3; ++n)  // stored together, and so fetched together
      sending.send_notification({.topic = "t.info"}, event(n), Envelope::v2, {.deadline = soon()},
                                Completion<void>());
  }
  auto transport = open_kafka(url);
  const auto listener = listen(transport, {.size = 2, .timeout = std::chrono::seconds(10)});
  listener->start(inbox.receiver());
  ASSERT_TRUE(inbox.wait_for(2));
  const auto visitor = listen(transport);
  visitor->start(inbox.receiver());
  EXPECT_TRUE(inbox.wait_for(3));
}

TEST_F(KafkaGroupTest, K6_ACommitThatFailedIsMadeAgain) {
  auto transport = open_kafka(cluster.url() + "?session_timeout=6");
  {
    const auto listener = listen(transport);
    listener->start(inbox.receiver());
    notify(transport, 1);
    ASSERT_TRUE(inbox.wait_for(1));
    LogWatch failing("a commit has failed");
    cluster.fail(kOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN, 1);
    EXPECT_EQ(take_one(), 1);
    ASSERT_TRUE(failing.wait());
  }
  notify(transport, 2);
  const auto next = listen(transport);
  next->start(inbox.receiver());
  EXPECT_EQ(take_one(), 2);
}

// By that position callers know that there is a server.
TEST_F(KafkaGroupTest, K6_AServersFirstPositionIsCommittedInTheEnd) {
  auto transport = open_kafka(cluster.url() + "?session_timeout=6");
  cluster.fail(kOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN, 6);
  const auto server = transport.listen({.topic = "calls", .server = "one"}, {}, soon());
  server->start([](const Batch& batch) { batch.front()->reply("answered"); });
  const Message request{.body = {{"method", "m"}, {"args", Object()}}};
  EXPECT_EQ(transport.call({.topic = "calls"}, request, {{.deadline = soon()}, {}}),
            Value("answered"));
}

// It has asked for a commit, which librdkafka gives a minute, and again.
TEST_F(KafkaGroupTest, P2_AListenerLeavesABrokerThatIsSilent) {
  constexpr auto silence = std::chrono::hours(1);
  constexpr auto limit = std::chrono::seconds(30);
  auto transport = open_kafka(cluster.url() + "?session_timeout=6");
  auto listener = listen(transport);
  listener->start(inbox.receiver());
  notify(transport, 1);
  const auto message = inbox.take();
  cluster.answer_late(silence);
  LogWatch left("is never released");
  const auto began = Deadline::Clock::now();
  message->acknowledge();
  listener.reset();
  EXPECT_LT(Deadline::Clock::now() - began, limit);
  EXPECT_TRUE(left.wait());
  cluster.answer_late({});
}

}  // namespace
}  // namespace gantry::test
