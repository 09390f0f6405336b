// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "broker.hpp"  // of plugins/fake
#include "fake_bus.hpp"

namespace gantry {
namespace {

using fake::Depth;
using testing::ElementsAre;
using testing::IsEmpty;

struct FakeDepths : FakeBus {
  std::vector<Depth> depths() const {
    return fake::Broker::named(url.substr(std::string("fake://").size())).depths();
  }
};

TEST_F(FakeDepths, FAKE_3_ABrokerBeginsEmpty) { EXPECT_THAT(depths(), IsEmpty()); }

TEST_F(FakeDepths, FAKE_3_TopicsAndServersHaveQueuesOfTheirOwn) {
  auto node = server("node-1");
  for (int n = 0; n < 3; ++n) cast({.topic = "calc"}, n);
  cast({.topic = "calc", .server = "node-1"}, 4);
  EXPECT_THAT(depths(), ElementsAre(Depth{.exchange = "openstack", .topic = "calc", .messages = 3},
                                    Depth{"openstack", "calc", "node-1", "", 1}));
}

TEST_F(FakeDepths, FAKE_3_EachPoolOfATopicHasAQueue) {
  const std::vector<Subscription> events{{{.exchange = "x", .topic = "events"}, "info"}};
  auto pool = listener(events, "p1");
  notify({.exchange = "x", .topic = "events.info"}, 1);
  EXPECT_THAT(depths(), ElementsAre(Depth{"x", "events.info", "", "", 1},
                                    Depth{"x", "events.info", "", "p1", 1}));
  EXPECT_EQ(pool.start().receive_number(), 1);
  EXPECT_THAT(depths(), ElementsAre(Depth{"x", "events.info", "", "", 1},
                                    Depth{"x", "events.info", "", "p1", 0}));
}

TEST_F(FakeDepths, FAKE_7_AFanoutToNobodyStoresNothing) {
  cast({.topic = "calc", .fanout = true}, 1);
  EXPECT_THAT(depths(), IsEmpty());
}

TEST_F(FakeDepths, FAKE_6_AMessageForAServerWaitsInItsQueueWhichItsFirstListenerMakes) {
  const Target node{.topic = "calc", .server = "node-1"};
  EXPECT_THROW(cast(node, 1), MessageUndeliverable);
  EXPECT_THAT(depths(), IsEmpty());
  server("node-1").start();
  cast(node, 2);
  EXPECT_THAT(depths(), ElementsAre(Depth{"openstack", "calc", "", "", 0},
                                    Depth{"openstack", "calc", "node-1", "", 1}));
  EXPECT_EQ(server("node-1").start().receive_number(), 2);
}

}  // namespace
}  // namespace gantry
