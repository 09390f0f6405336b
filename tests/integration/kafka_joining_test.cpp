// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "consumer.hpp"
#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "kafka_settings.hpp"
#include "mock_cluster.hpp"

// A member that goes before it has come.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;

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
  MockCluster broker;
  broker.create("t");
  broker.answer_late(late);
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
