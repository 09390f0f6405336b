// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "consumer.hpp"
#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "kafka_settings.hpp"

// A member that goes before it has come.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;

// One broker, which has the topic t and answers late.
class SlowBroker {
 public:
  explicit SlowBroker(std::chrono::milliseconds late) {
    rd_kafka_mock_topic_create(cluster_.get(), "t", 1, 1);
    rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, static_cast<int>(late.count()));
  }

  std::string url() const {
    return std::string("kafka://") + rd_kafka_mock_cluster_bootstraps(cluster_.get()) + "/";
  }

 private:
  template <auto release>
  struct Release {
    template <class T>
    void operator()(T* owned) const {
      release(owned);
    }
  };

  std::unique_ptr<rd_kafka_t, Release<rd_kafka_destroy>> host_{
      rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)};
  std::unique_ptr<rd_kafka_mock_cluster_t, Release<rd_kafka_mock_cluster_destroy>> cluster_{
      rd_kafka_mock_cluster_new(host_.get(), 1)};
};

class Idle final : public kafka::Reader {
 public:
  std::string_view purpose() const noexcept override { return "a test"; }
  void take(std::vector<kafka::Received>) override {}
  void turn() override {}
  Deadline due() const override { return never; }
};

// In librdkafka before 2.3.0 an assertion would end the process.
TEST(KafkaConsumer, AMemberMayGoWhileItsGroupTakesItIn) {
  using Clock = Deadline::Clock;
  constexpr auto late = 300ms;
  const SlowBroker broker(late);
  const auto settings = settings_of(broker.url() + "?session_timeout=3");
  const auto join = [&](const std::string& group, Deadline deadline) {
    Idle reader;
    kafka::Consumer consumer(settings, reader, {.group = group});
    consumer.start();
    consumer.subscribe({"t"});
    consumer.wait_ready(deadline);
    return Clock::now();
  };
  const auto began = Clock::now();
  auto takes = join("with_time", Deadline::after(kPatience)) - began;
  // It waits for the last answer, the one that brings its partitions. Where that comes earlier than
  // before, what held up the one before has to be left out.
  const auto gone_before_it = [&](const std::string& group) {
    const auto start = Clock::now();
    try {
      takes = join(group, Deadline(start + takes - late / 2)) - start;
      return false;
    } catch (const MessagingTimeout&) {
      return true;
    }
  };
  bool gone = false;
  for (int attempt = 0; !gone && attempt < 10; ++attempt)
    gone = gone_before_it("without_" + std::to_string(attempt));
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace gantry::test
