// SPDX-License-Identifier: Apache-2.0
#include "gantry/serializer.hpp"

#include <gtest/gtest.h>
#include <boost/describe.hpp>

#include "captured_log.hpp"
#include "fake_transport.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"
#include "marking_serializer.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

struct SerializerTest : testing::Test {
  Transport transport = fake_transport();
  std::shared_ptr<Marking> marking = std::make_shared<Marking>();
  std::unique_ptr<RpcServer> server;

  void serve(std::shared_ptr<const Serializer> serializer) {
    Endpoint endpoint("1.0");
    endpoint.method("echo", {"text"}, [](const Value& text) { return text; });
    endpoint.method("user", {}, [](const Context& context) { return context.values.at("user"); });
    server = std::make_unique<RpcServer>(transport, Target{.topic = "t", .server = "s"},
                                         std::vector{endpoint},
                                         ServerOptions{.serializer = std::move(serializer)});
    server->start();
  }
  RpcClient client(std::shared_ptr<const Serializer> serializer) {
    return {transport,
            {.topic = "t"},
            {.context = Object{{"user", "ada"}}, .serializer = std::move(serializer)}};
  }
};

TEST(NoOpSerializer, SER_1_SER_2_ItGivesBackWhatItGets) {
  const NoOpSerializer none;
  const Object context{{"user", "ada"}};
  EXPECT_EQ(none.serialize_entity(context, "foo"), "foo");
  EXPECT_EQ(none.deserialize_entity(context, nullptr), nullptr);
  EXPECT_EQ(none.serialize_context(context), context);
  EXPECT_EQ(none.deserialize_context(context), context);
}

struct Point {
  std::int64_t x = 0;
  std::vector<double> weights{};
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, weights))

TEST_F(SerializerTest, SER_3_DescribedTypesBecomeValuesAndBack) {
  Endpoint endpoint("1.0");
  endpoint.method("grow", {"point"}, [](Point point) {
    ++point.x;
    point.weights.push_back(0.5);
    return point;
  });
  RpcServer grower(transport, {.topic = "t", .server = "s"}, {endpoint});
  grower.start();
  const auto grown = client(nullptr).call<Point>(
      "grow", {{"point", boost::json::value_from(Point{.x = 1, .weights = {1.5}})}});
  EXPECT_EQ(grown.x, 2);
  EXPECT_EQ(grown.weights, (std::vector{1.5, 0.5}));
}

TEST_F(SerializerTest, SER_4_DISP_11_ArgumentsAndResultsPassBothSides) {
  serve(marking);
  EXPECT_EQ(client(marking).call("echo", {{"text", "foo"}}), "dsdsfoo");
  EXPECT_EQ(client(marking).call("user"), "dsdsada") << "the context, and then as a result";
}

TEST_F(SerializerTest, SER_4_CLI_3_EveryEntityComesWithTheUnserializedContext) {
  serve(nullptr);
  EXPECT_EQ(client(marking).call("echo", {{"text", "foo"}}), "dsfoo");
  EXPECT_EQ(marking->contexts,
            (std::vector<std::string>{R"({"user": "ada"})", R"({"user": "ada"})"}));
}

TEST_F(SerializerTest, SER_5_NullIsNotSkipped) {
  serve(nullptr);
  EXPECT_EQ(client(marking).call("echo", {{"text", nullptr}}), nullptr);
  EXPECT_EQ(marking->entities, 2);
}

TEST_F(SerializerTest, CLI_4_TheSerializerRunsBeforeTheVersionCapIsChecked) {
  RecordingDriver::Record record;
  Transport recording = record_transport(record);
  const RpcClient capped(recording, {.topic = "t", .version = "1.1"},
                         {.version_cap = "1.0", .serializer = marking});
  EXPECT_THROW(capped.call("echo", {{"text", "foo"}}), RPCVersionCapError);
  EXPECT_EQ(marking->entities, 1);
  EXPECT_TRUE(record.sent.empty());
}

TEST_F(SerializerTest, SER_6_AThrowingSerializerFailsTheSend) {
  RecordingDriver::Record record;
  Transport recording = record_transport(record);
  const RpcClient client(recording, {.topic = "t"}, {.serializer = std::make_shared<Throwing>()});
  EXPECT_THROW(client.call("echo", {{"text", "foo"}}), SerializationError);
  EXPECT_THROW(client.cast("echo", {{"text", "foo"}}), SerializationError);
  EXPECT_THROW(client.call_async("echo", {{"text", "foo"}}).get(), SerializationError);
  EXPECT_TRUE(record.sent.empty());
  EXPECT_THROW(client.call("no arguments"), SerializationError) << "of the result";
}

TEST_F(SerializerTest, SER_6_OnTheServerItIsAnAnswer) {
  test::CapturedLog log;
  serve(std::make_shared<Throwing>());
  try {
    client(nullptr).call("echo", {{"text", "foo"}});
    FAIL() << "it succeeded";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.value(), "no way in");
  }
}

}  // namespace
}  // namespace gantry
