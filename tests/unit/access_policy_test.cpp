// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/access_policy.hpp"

#include <gtest/gtest.h>

#include "captured_log.hpp"
#include "fake_transport.hpp"
#include "gantry/failure.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/server.hpp"

namespace gantry {
namespace {

Endpoint endpoint_named(const char* name) {
  Endpoint endpoint("1.0");
  endpoint.method("open", {}, [name] { return name; });
  endpoint.method("_private", {}, [name] { return name; });
  endpoint.method("exposed", {}, [name] { return name; }, {.exposed = true});
  return endpoint;
}

struct AccessPolicyTest : testing::Test {
  test::CapturedLog log;
  Transport transport = fake_transport();
  RpcClient client{transport, {.topic = "t"}};
  std::unique_ptr<RpcServer> server;

  void serve(std::vector<Endpoint> endpoints, std::shared_ptr<const AccessPolicy> policy) {
    server = std::make_unique<RpcServer>(transport, Target{.topic = "t", .server = "s"},
                                         std::move(endpoints),
                                         ServerOptions{.access_policy = std::move(policy)});
    server->start();
  }
  std::string ask(const char* method) {
    try {
      return client.call<std::string>(method);
    } catch (const RemoteError& error) {
      return error.exc_type();
    }
  }
};

TEST_F(AccessPolicyTest, DISP_8_EachPolicyAllowsWhatItSays) {
  struct Row {
    std::shared_ptr<const AccessPolicy> policy;
    const char* open;
    const char* hidden;
    const char* exposed;
  };
  for (const auto& [policy, open, hidden, exposed] :
       {Row{std::make_shared<LegacyAccessPolicy>(), "e", "e", "e"},
        Row{std::make_shared<DefaultAccessPolicy>(), "e", "NoSuchMethod", "e"},
        Row{nullptr, "e", "NoSuchMethod", "e"},
        Row{std::make_shared<ExplicitAccessPolicy>(), "NoSuchMethod", "NoSuchMethod", "e"}}) {
    serve({endpoint_named("e")}, policy);
    EXPECT_EQ(ask("open"), open);
    EXPECT_EQ(ask("_private"), hidden);
    EXPECT_EQ(ask("exposed"), exposed);
    server.reset();
  }
}

// Hides all of one endpoint.
class Hiding final : public AccessPolicy {
 public:
  bool is_allowed(const Endpoint& endpoint, std::string_view) const override {
    return endpoint.find("secret") == nullptr;
  }
};

TEST_F(AccessPolicyTest, DISP_7_AMethodThatIsHiddenOnOneEndpointIsServedByTheNext) {
  auto first = endpoint_named("first");
  first.method("secret", {}, [] {});
  serve({first, endpoint_named("second")}, std::make_shared<Hiding>());
  EXPECT_EQ(ask("open"), "second");
  EXPECT_EQ(ask("secret"), "NoSuchMethod");
}

TEST_F(AccessPolicyTest, DISP_1_DISP_5_TheFirstEndpointThatFitsServesAlone) {
  int second_ran = 0;
  Endpoint second("1.0");
  second.method("open", {}, [&] { ++second_ran; });
  second.method("only here", {}, [] { return "second"; });
  serve({endpoint_named("first"), second}, nullptr);
  EXPECT_EQ(ask("open"), "first");
  EXPECT_EQ(ask("only here"), "second");
  EXPECT_EQ(second_ran, 0);
}

TEST_F(AccessPolicyTest, DISP_9_NothingButARegisteredMethodCanBeCalled) {
  serve({endpoint_named("e")}, std::make_shared<LegacyAccessPolicy>());
  for (const auto* name : {"target", "version", "method", "find", "__init__", ""}) {
    EXPECT_EQ(ask(name), "NoSuchMethod") << name;
  }
}

TEST_F(AccessPolicyTest, DISP_10_AnEndpointOfABadVersionIsRefusedWhenItIsMade) {
  for (const auto* version : {"", "1", "a.b", "1.2.3.4"}) {
    EXPECT_THROW(Endpoint{version}, InvalidVersion) << version;
  }
}

TEST_F(AccessPolicyTest, DISP_20_MethodsAreFoundByAHashOfTheirName) {
  Endpoint large("1.0");
  for (int i = 0; i < 10'000; ++i) {
    large.method("method " + std::to_string(i), {}, [i] { return i; });
  }
  serve({large}, nullptr);
  EXPECT_EQ(client.call<int>("method 9999"), 9999);
  EXPECT_THROW(large.method("method 1", {}, [] {}), InvalidArgument);
}

}  // namespace
}  // namespace gantry
