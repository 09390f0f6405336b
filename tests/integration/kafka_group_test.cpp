// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "inbox.hpp"
#include "kafka_fixture.hpp"
#include "mock_cluster.hpp"

// What a group keeps as its position when something goes wrong.
namespace gantry::test {
namespace {

struct KafkaGroupTest : testing::Test {
  KafkaGroupTest() { cluster.create("t.info"); }

  MockCluster cluster;
  Inbox inbox;

  static std::unique_ptr<Listener> listen(Transport& transport, const BatchOptions& batch = {}) {
    const Subscription infos{{.topic = "t"}, "info"};
    return transport.listen_for_notifications({&infos, 1}, "g", batch, Deadline::after(kPatience));
  }
};

// The third waits for its batch to be full when another member comes, and one of the two gets it.
TEST_F(KafkaGroupTest, WIRE_12_2_WithAutoCommitWhatWasNotHandedOutIsNotSettled) {
  const auto url = cluster.url() + "?session_timeout=3&enable_auto_commit=true";
  {
    auto sending = open_kafka(url + "&producer_batch_timeout=0.3");
    for (int n = 1; n <= 3; ++n)  // stored together, and so fetched together
      sending.send_notification({.topic = "t.info"}, event(n), Envelope::v2,
                                {.deadline = Deadline::after(kPatience)}, Completion<void>());
  }
  auto transport = open_kafka(url);
  const auto listener = listen(transport, {.size = 2, .timeout = std::chrono::seconds(10)});
  listener->start(inbox.receiver());
  ASSERT_TRUE(inbox.wait_for(2));
  const auto visitor = listen(transport);
  visitor->start(inbox.receiver());
  EXPECT_TRUE(inbox.wait_for(3));
}

}  // namespace
}  // namespace gantry::test
