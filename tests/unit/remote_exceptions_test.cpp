// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/remote_exceptions.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "captured_log.hpp"
#include "gantry/host/driver_load_failure.hpp"
#include "gantry/kit/pool.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/target.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

class NotFound : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Refusing : public std::runtime_error {
 public:
  explicit Refusing(const std::string& what) : std::runtime_error(what) {
    throw std::invalid_argument("not so");
  }
};

Failure failure(const char* module, const char* class_name) {
  return {.class_name = class_name,
          .module = module,
          .message = "no such thing",
          .traceback = {"Traceback:\n", "  there\n"}};
}

struct RemoteExceptionsTest : testing::Test {
  test::CapturedLog log;
  RecordingDriver::Record record;
  Transport transport = record_transport(record);
  RemoteExceptions known = RemoteExceptions::standard()
                               .add<NotFound>("app.errors", "NotFound")
                               .add<Refusing>("app.errors", "Refusing");

  RpcClient client_for(Failure answer) {
    record.answer = [answer](Completion<Value> done) { done.fail(RemoteError(answer)); };
    return {transport,
            {.topic = "t"},
            {.remote_exceptions = std::make_shared<const RemoteExceptions>(known)}};
  }
};

TEST_F(RemoteExceptionsTest, EXC_4_WithoutAnAllowListEverythingIsARemoteError) {
  record.answer = [](Completion<Value> done) {
    done.fail(RemoteError(failure("builtins", "ValueError")));
  };
  EXPECT_THROW(RpcClient(transport, {.topic = "t"}).call("get"), RemoteError);
}

TEST_F(RemoteExceptionsTest, EXC_5_WhatIsKnownIsCaughtAsItsOwnType) {
  EXPECT_THROW(client_for(failure("app.errors", "NotFound")).call("get"), NotFound);
  EXPECT_THROW(client_for(failure("builtins", "ValueError")).call("get"), std::invalid_argument);
  EXPECT_THROW(client_for(failure("builtins", "KeyError")).call_async("get").get(),
               std::out_of_range);
}

TEST_F(RemoteExceptionsTest, EXC_5_WhatCannotBeRebuiltIsARemoteErrorWithAWarning) {
  for (const auto& [module, class_name, warnings] : {std::tuple{"app.errors", "Farcical", 1},
                                                     {"builtins", "SystemExit", 1},
                                                     {"app.errors", "Refusing", 1},
                                                     {"os", "system", 0},
                                                     {"", "", 0}}) {
    const auto before = log.lines().size();
    EXPECT_THROW(client_for(failure(module, class_name)).call("get"), RemoteError) << class_name;
    EXPECT_EQ(log.lines().size() - before, static_cast<std::size_t>(warnings)) << class_name;
  }
}

TEST_F(RemoteExceptionsTest, EXC_6_ARebuiltExceptionTellsThatItIsRemote) {
  try {
    client_for(failure("app.errors", "NotFound")).call("get");
    FAIL() << "nothing was thrown";
  } catch (const NotFound& error) {
    EXPECT_STREQ(error.what(), "no such thing\nTraceback:\n  there\n");
    EXPECT_TRUE(is_remote(error));
    EXPECT_EQ(remote_traceback(error).size(), 2U);
  }
  EXPECT_TRUE(is_remote(RemoteError(failure("a", "b"))));
  EXPECT_EQ(remote_traceback(RemoteError(failure("a", "b"))).size(), 2U);
  EXPECT_FALSE(is_remote(NotFound("here")));
  EXPECT_TRUE(remote_traceback(NotFound("here")).empty());
}

TEST_F(RemoteExceptionsTest, EXC_3_ARebuiltExceptionIsSentOnAsWhatItWas) {
  try {
    client_for(failure("app.errors", "NotFound")).call("get");
  } catch (...) {
    EXPECT_EQ(failure_of(std::current_exception()), failure("app.errors", "NotFound"));
  }
}

TEST_F(RemoteExceptionsTest, EXC_7_AFactoryMayUseArgsAndKwargs) {
  class Coded : public std::runtime_error, public RemoteException {
   public:
    explicit Coded(const Failure& failure)
        : std::runtime_error(failure.message),
          RemoteException(failure),
          code(failure.kwargs.at("code").as_int64()) {}
    std::int64_t code;
  };
  known.add("app", "Coded", [](const Failure& failure) { throw Coded(failure); });
  auto coded = failure("app", "Coded");
  coded.kwargs = {{"code", 7}};
  try {
    client_for(coded).call("get");
    FAIL() << "nothing was thrown";
  } catch (const Coded& error) {
    EXPECT_EQ(error.code, 7);
  }
  coded.kwargs.clear();
  EXPECT_THROW(client_for(coded).call("get"), RemoteError) << "the factory wants its code";
}

TEST_F(RemoteExceptionsTest, EXC_10_RemoteTextIsNeverAFormatNorPrintedRaw) {
  auto odd = failure("builtins", "%s%n{}\033[31m");
  odd.message = "%s%n{0}";
  EXPECT_THROW(client_for(odd).call("get"), RemoteError);
  for (const auto& line : log.lines()) EXPECT_EQ(line.find('\033'), line.npos) << line;
}

template <class Base, class... Errors>
constexpr bool all_derive_from = (std::derived_from<Errors, Base> && ...);

TEST(Errors, EXC_1_OneCatchCoversWhatTheLibraryThrows) {
  static_assert(all_derive_from<std::runtime_error, MessagingException>);
  static_assert(
      all_derive_from<MessagingException, MessagingTimeout, MessageDeliveryFailure, MessageInDoubt,
                      MessageUndeliverable, InvalidTarget, InvalidTransportURL, DriverLoadFailure,
                      TransportDriverError, ClientSendError, RPCVersionCapError, RemoteError,
                      RemoteFailure, MessagingServerError, ConfigurationError, TransportClosed,
                      ForkedTransport, WouldDeadlock, UnsupportedFeature, InvalidVersion,
                      SerializationError, OperationCancelled, InvalidConnectionReuse>);
  static_assert(all_derive_from<MessagingServerError, ExecutorLoadFailure, ServerListenError,
                                WouldDeadlock, RPCDispatcherError>);
  static_assert(all_derive_from<RPCDispatcherError, NoSuchMethod, UnsupportedVersion>);
  static_assert(all_derive_from<InvalidArgument, InvalidTarget, InvalidVersion>);
}

}  // namespace
}  // namespace gantry
