// SPDX-License-Identifier: Apache-2.0
#include "gantry/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <unordered_set>

#include "fake_transport.hpp"
#include "gantry/error.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

using Text = std::optional<std::string>;

// Every field that is a text.
constexpr Text Target::*kTexts[] = {&Target::exchange, &Target::topic, &Target::ns,
                                    &Target::version, &Target::server};

TEST(Target, TGT_1_FieldsAreAbsentUnlessSet) {
  const Target none;
  for (const auto field : kTexts) EXPECT_EQ(none.*field, std::nullopt);
  EXPECT_EQ(none.fanout, std::nullopt);
  EXPECT_THAT(none.legacy_namespaces, SizeIs(0));
  for (const auto field : kTexts) {
    Target one;
    one.*field = "x";
    EXPECT_EQ(one.*field, "x");
  }
  EXPECT_EQ(Target{.fanout = true}.fanout, true);
}

// What is given replaces, an absent value too; the rest is copied and the original stays.
TEST(Target, TGT_2_ACopyWithChangesLeavesTheOriginal) {
  const Target original{.exchange = "e", .topic = "t", .ns = "n", .version = "1.0", .server = "s"};
  for (const auto changed : kTexts) {
    for (const Text& value : {Text("new"), Text()}) {
      Target copy = original;
      copy.*changed = value;
      for (const auto field : kTexts) {
        EXPECT_EQ(copy.*field, field == changed ? value : original.*field);
      }
    }
  }
  EXPECT_EQ(original.str(), "<Target exchange=e, topic=t, namespace=n, version=1.0, server=s>");
}

TEST(Target, TGT_2_TGT_3_PrepareReplacesWhatIsGivenAndKeepsTheRest) {
  RecordingDriver::Record record;
  auto transport = record_transport(record);
  const Target original{.topic = "t", .ns = "a", .legacy_namespaces = {std::nullopt, "b"}};
  const RpcClient client(transport, original);
  const auto prepared = client.prepare({.server = "s", .fanout = false}).target();
  EXPECT_EQ(prepared.topic, "t");
  EXPECT_EQ(prepared.server, "s");
  EXPECT_EQ(prepared.fanout, false);
  EXPECT_EQ(prepared.accepted_namespaces(), original.accepted_namespaces());
  EXPECT_EQ(client.target(), original);
}

TEST(Target, TGT_4_TheNamespaceAndTheLegacyOnesAreAccepted) {
  const Target target{.ns = "a", .legacy_namespaces = {std::nullopt, "b"}};
  EXPECT_THAT(target.accepted_namespaces(), ElementsAre(Text("a"), Text(), Text("b")));
  EXPECT_THAT(Target{}.accepted_namespaces(), ElementsAre(Text()));
}

TEST(Target, TGT_5_EqualityComparesEveryFieldAndAbsentIsNotEmpty) {
  const Text values[] = {std::nullopt, "", "a", "b", "A"};
  for (const auto field : kTexts) {
    for (const auto& one : values) {
      for (const auto& other : values) {
        Target left;
        Target right;
        left.*field = one;
        right.*field = other;
        EXPECT_EQ(left == right, one == other);
      }
    }
  }
  EXPECT_NE(Target{}, Target{.fanout = false});
  EXPECT_NE(Target{.fanout = false}, Target{.fanout = true});
  EXPECT_NE(Target{.ns = "a"}, (Target{.ns = "a", .legacy_namespaces = {"b"}}));
}

TEST(Target, TGT_6_EqualTargetsHaveOneHash) {
  const Target target{.exchange = "e", .topic = "t", .fanout = true, .legacy_namespaces = {"a"}};
  const std::unordered_set<Target> set{target, Target(target), Target{}, Target{.topic = ""}};
  EXPECT_THAT(set, SizeIs(3));
  // Each field counts.
  const std::unordered_set<std::size_t> hashes{
      std::hash<Target>()({}), std::hash<Target>()({.topic = "x"}),
      std::hash<Target>()({.server = "x"}), std::hash<Target>()({.fanout = false}),
      std::hash<Target>()({.legacy_namespaces = {"x"}})};
  EXPECT_THAT(hashes, SizeIs(5));
}

TEST(Target, TGT_7_TheTextHasWhatIsSetInAFixedOrder) {
  const auto text = [](const Target& target) {
    std::ostringstream out;
    out << target;
    return out.str();
  };
  EXPECT_EQ(text({}), "<Target>");
  EXPECT_EQ(text({.exchange = "e"}), "<Target exchange=e>");
  EXPECT_EQ(text({.topic = "t"}), "<Target topic=t>");
  EXPECT_EQ(text({.ns = "n"}), "<Target namespace=n>");
  EXPECT_EQ(text({.version = "1.0"}), "<Target version=1.0>");
  EXPECT_EQ(text({.server = "s"}), "<Target server=s>");
  EXPECT_EQ(text({.topic = "", .fanout = false}), "<Target>");
  EXPECT_EQ(text({.exchange = "e",
                  .topic = "t",
                  .ns = "n",
                  .version = "1.0",
                  .server = "s",
                  .fanout = true}),
            "<Target exchange=e, topic=t, namespace=n, version=1.0, server=s, fanout=True>");
}

TEST(Target, TGT_8_AnInvalidTargetIsCarriedAndShown) {
  const auto refuse = [] { throw InvalidTarget("a topic is required", {.server = "s"}); };
  EXPECT_THROW(refuse(), MessagingException);
  EXPECT_THROW(refuse(), InvalidArgument);
  try {
    refuse();
  } catch (const InvalidTarget& error) {
    EXPECT_EQ(error.target(), Target{.server = "s"});
    EXPECT_THAT(error.what(), EndsWith("<Target server=s>"));
  }
}

TEST(Target, TGT_9_WithoutAVersionBothSidesMean1_0) {
  EXPECT_EQ(Endpoint().version(), (Version{1, 0, 0}));
  auto transport = fake_transport("fake://tgt9");
  Endpoint endpoint;
  endpoint.method("m", {}, [] { return 1; });
  RpcServer server(transport, {.topic = "t", .server = "s"}, {endpoint});
  server.start();
  EXPECT_EQ(RpcClient(transport, {.topic = "t"}).call("m"), 1);
  EXPECT_EQ(RpcClient(transport, {.topic = "t", .version = "1.0"}).call("m"), 1);
  EXPECT_THROW(RpcClient(transport, {.topic = "t", .version = "1"}), InvalidVersion);
}

}  // namespace
}  // namespace gantry
