// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>

#include "answers.hpp"
#include "cast_order.hpp"
#include "gantry/error.hpp"
#include "kafka_fixture.hpp"
#include "names.hpp"
#include "offsets.hpp"
#include "settlements.hpp"

// Parts of the kafka driver that need no broker.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;
using kafka::Offsets;

TEST(KafkaOffsets, K6_ThePositionStopsAtTheFirstUnsettled) {
  Offsets offsets;
  for (const int offset : {10, 11, 14, 15}) offsets.received(offset);  // 12 and 13 are not there
  offsets.settle(11);
  offsets.settle(14);
  EXPECT_EQ(offsets.take_position(), std::nullopt);
  offsets.settle(10);
  EXPECT_EQ(offsets.take_position(), 15);
  EXPECT_EQ(offsets.take_position(), std::nullopt) << "told once";
  EXPECT_EQ(offsets.unsettled(), 1U);
  offsets.settle(15);
  offsets.settle(15);
  EXPECT_EQ(offsets.take_position(), 16);
}

TEST(KafkaOffsets, WhatIsForgottenHoldsNothingUpAndIsNotPassed) {
  Offsets offsets;
  for (const int offset : {1, 2, 3}) offsets.received(offset);
  offsets.forget(2);
  offsets.settle(3);
  EXPECT_EQ(offsets.unsettled(), 1U);
  offsets.settle(1);
  EXPECT_EQ(offsets.take_position(), 2);
}

TEST(KafkaSettlements, K8_WhatIsSettledAfterItsPartitionWentCountsNowhere) {
  kafka::Settlements settlements;
  const std::vector<kafka::Partition> ours{{"t", 0}};
  settlements.assigned(ours);
  const auto before = settlements.received(ours[0], 5);
  EXPECT_FALSE(settlements.wait_settled(ours, Deadline::after(1ms)));
  settlements.revoked(ours);
  settlements.assigned(ours);
  settlements.received(ours[0], 5);
  settlements.settle(before);
  EXPECT_TRUE(settlements.take_positions().empty());
}

TEST(KafkaNames, AddressesNeverShareAName) {
  using Reach = Address::Reach;
  std::set<std::string> groups;
  const std::vector<Address> addresses{
      {Reach::topic, "a.b", "c"},       {Reach::topic, "a", "b.c"},
      {Reach::topic, "a", "b_c"},       {Reach::topic, "a", "b:c"},
      {Reach::server, "a", "b.c", ""},  {Reach::server, "a", "b", "c"},
      {Reach::server, "a", "b/c", "d"}, {Reach::server, "a", "b", "c/d"},
  };
  for (const auto& address : addresses) groups.insert(kafka::rpc_address(address, "p").group);
  EXPECT_EQ(groups.size(), addresses.size());
  for (const auto& address : addresses)
    EXPECT_THAT(kafka::rpc_address(address, "p").topic, testing::MatchesRegex("[a-zA-Z0-9._-]+"));
}

// What other processes compute, and other releases.
TEST(KafkaNames, APlaceIsTheSameForEver) {
  const Address address{Address::Reach::server, "openstack", "calc", "node-1"};
  EXPECT_EQ(kafka::receiver_of(address), "openstack/calc/node-1");
  EXPECT_EQ(kafka::stable_hash("openstack/calc/node-1") % 64, 8U);
  const auto where = kafka::rpc_address(address, "gantry");
  EXPECT_EQ(where.topic, "gantry.server.08");
  EXPECT_EQ(where.group, "gantry.server/openstack/calc/node-1");
  EXPECT_EQ(kafka::rpc_address({Address::Reach::topic, "nova", "my_topic"}, "gantry").topic,
            "gantry.topic.nova.my_5ftopic");
}

TEST(KafkaNames, ALongNameIsRefused) {
  const Address address{Address::Reach::topic, "openstack", std::string(250, 'x')};
  EXPECT_THAT(message_of<InvalidArgument>([&] { kafka::rpc_address(address, "gantry"); }),
              testing::HasSubstr("choose shorter names"));
}

TEST(KafkaReplyAddress, SEC_14_IsAPlaceInTheTopicOfRepliesOnly) {
  const kafka::ReplyAddress address{.topic = "gantry.reply", .partition = 3, .client = "c/d"};
  const auto parsed = kafka::ReplyAddress::parse(address.str(), "gantry.reply");
  EXPECT_EQ(parsed.partition, 3);
  EXPECT_EQ(parsed.client, "c/d");
  for (const auto* const bad : {"", "gantry.reply", "gantry.reply/x/c", "gantry.reply/-1/c",
                                "orders/3/c", "gantry.reply/3x/c", "gantry.reply/99999999999/c"})
    EXPECT_THROW(kafka::ReplyAddress::parse(bad, "gantry.reply"), SerializationError) << bad;
}

TEST(KafkaCastOrder, NamesTheOneBefore) {
  kafka::CastOrder order;
  EXPECT_EQ(order.after("t"), "");
  order.stored("t", {.partition = 2, .offset = 41});
  EXPECT_EQ(order.after("t"), "2:41");
  EXPECT_EQ(order.after("u"), "");
  const auto where = kafka::CastOrder::parse("2:41");
  EXPECT_EQ(where.partition, 2);
  EXPECT_EQ(where.offset, 41);
  for (const auto* const bad : {"", "2", "2:", "2:x", "x:2", "2:41 "})
    EXPECT_THROW(kafka::CastOrder::parse(bad), SerializationError) << bad;
}

}  // namespace
}  // namespace gantry::test
