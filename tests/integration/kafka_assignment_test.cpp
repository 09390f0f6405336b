// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>

#include "gantry/log.hpp"
#include "inbox.hpp"
#include "kafka_fixture.hpp"
#include "raw_kafka.hpp"

// What becomes of partitions that are paused or resumed in the moment in which librdkafka begins to
// read them.
namespace gantry::test {
namespace {

// librdkafka numbers what is to be done with a partition, then queues it, and drops what has a
// lower number than what it did before. Between the two it logs, so that a sink can bring about
// what else takes bad luck: its own thread has numbered the beginning of the last of `partitions`
// and is overtaken by the one that pauses or resumes them.
class Overtaking {
 public:
  explicit Overtaking(int partitions) : partitions_(partitions) {
    set_log_level(LogLevel::trace);
    set_log_sink([this](LogLevel, std::string_view text) { hear(text); });
  }
  Overtaking(const Overtaking&) = delete;
  ~Overtaking() {
    set_log_sink({});
    set_log_level(LogLevel::warning);
  }

  bool was_tried() {
    const std::lock_guard lock(mutex_);
    return begun_ >= partitions_;
  }

 private:
  // Where nobody pauses or resumes then, nobody comes.
  static constexpr std::chrono::seconds kHeld{1};

  void hear(std::string_view text) {
    const auto has = [text](std::string_view part) { return text.find(part) != text.npos; };
    std::unique_lock lock(mutex_);
    if (has("rd_kafka_toppar_op_fetch_start")) {
      if (++begun_ != partitions_) return;
      changed_.notify_all();
      wait(lock, [this] { return overtook_ >= 2; });
    } else if (has("Application pausing") || has("Application resuming")) {
      overtaker_ = std::this_thread::get_id();
      wait(lock, [this] { return begun_ >= partitions_; });
    } else if (has("rd_kafka_toppar_op_pause_resume") && overtaker_ == std::this_thread::get_id()) {
      ++overtook_;  // with the second number the first is queued
      changed_.notify_all();
    }
  }
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    Deadline::after(kHeld).wait(changed_, lock, condition);
  }

  const int partitions_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;  // guarded by mutex_, as all below
  int overtook_ = 0;
  std::thread::id overtaker_;
};

struct KafkaAssignmentTest : KafkaTest {
  RawKafka peer{url()};
  Transport sending = open("partition_by=random");
  Transport listening = open("rdkafka=debug:topic");
  Inbox inbox;

  // Some to each partition.
  std::set<int> send_to_all(int partitions) {
    std::set<int> sent;
    for (int n = 1; n <= 2 * partitions; ++n) {
      notify(sending, n);
      sent.insert(n);
    }
    return sent;
  }
  std::set<int> take(std::size_t count) {
    std::set<int> taken;
    while (taken.size() < count && inbox.wait_for(1, soon())) {
      const auto message = inbox.take();
      message->acknowledge();
      taken.insert(number_of(message->message()));
    }
    return taken;
  }
};

TEST_F(KafkaAssignmentTest, K6_AListenerThatIsStartedAtOnceReadsAllPartitions) {
  notify(sending, 1);
  const auto partitions = peer.partitions(info);
  Overtaking overtaking(partitions);
  const auto listener = listen(listening, group);
  listener->start(inbox.receiver());
  const auto sent = send_to_all(partitions);
  EXPECT_EQ(take(sent.size()), sent);
  EXPECT_TRUE(overtaking.was_tried());
}

TEST_F(KafkaAssignmentTest, K6_AListenerReadsAllPartitionsThatAnotherLeaves) {
  Inbox elsewhere;
  auto other_transport = open();
  auto visitor = listen(other_transport, group);
  visitor->start(elsewhere.receiver());
  const auto listener = listen(listening, group);
  listener->start(inbox.receiver());
  const auto partitions = peer.partitions(info);
  Overtaking overtaking(partitions);
  visitor.reset();
  const auto sent = send_to_all(partitions);
  EXPECT_EQ(take(sent.size()), sent);
  EXPECT_TRUE(overtaking.was_tried());
}

}  // namespace
}  // namespace gantry::test
