// SPDX-License-Identifier: Apache-2.0
#include "gantry/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <boost/json/value_to.hpp>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "gantry/target.hpp"

namespace app::billing {

struct CardRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};
template <class>
struct Odd : std::exception {};
struct NoException {};

}  // namespace app::billing

struct Global : std::logic_error {
  using std::logic_error::logic_error;
};

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Thrown>
Failure failure_by(Thrown thrown) {
  return failure_of(std::make_exception_ptr(std::move(thrown)));
}

Failure expected(std::string module, std::string class_name, std::string message,
                 std::string last_line) {
  return {.class_name = std::move(class_name),
          .module = std::move(module),
          .message = message,
          .traceback = {std::move(last_line)},
          .args = {message}};
}

TEST(FailureOf, EXC_7_StandardTypesAreTheBuiltinsThatMeanTheSame) {
  const auto builtin = [](const Failure& failure) {
    return failure.module + ' ' + failure.class_name;
  };
  EXPECT_EQ(builtin(failure_by(std::invalid_argument("x"))), "builtins ValueError");
  EXPECT_EQ(builtin(failure_by(std::domain_error("x"))), "builtins ValueError");
  EXPECT_EQ(builtin(failure_by(std::length_error("x"))), "builtins ValueError");
  EXPECT_EQ(builtin(failure_by(std::out_of_range("x"))), "builtins IndexError");
  EXPECT_EQ(builtin(failure_by(std::logic_error("x"))), "builtins AssertionError");
  EXPECT_EQ(builtin(failure_by(std::runtime_error("x"))), "builtins RuntimeError");
  EXPECT_EQ(builtin(failure_by(std::overflow_error("x"))), "builtins OverflowError");
  EXPECT_EQ(builtin(failure_by(std::underflow_error("x"))), "builtins ArithmeticError");
  EXPECT_EQ(builtin(failure_by(std::range_error("x"))), "builtins ArithmeticError");
  EXPECT_EQ(builtin(failure_by(std::bad_alloc())), "builtins MemoryError");
  EXPECT_EQ(builtin(failure_by(std::bad_any_cast())), "builtins TypeError");
  EXPECT_EQ(builtin(failure_by(std::system_error(ENOENT, std::generic_category()))),
            "builtins OSError");
  EXPECT_EQ(builtin(failure_by(std::bad_optional_access())), "std bad_optional_access");
}

TEST(FailureOf, EXC_2_AStandardTypeTravelsWhole) {
  EXPECT_EQ(failure_by(std::invalid_argument("not that one")),
            expected("builtins", "ValueError", "not that one", "ValueError: not that one\n"));
  EXPECT_EQ(failure_by(std::runtime_error("")),
            expected("builtins", "RuntimeError", "", "RuntimeError\n"));
}

TEST(FailureOf, EXC_9_TheDispatchersErrorsAreThoseOfOslo) {
  EXPECT_EQ(failure_by(NoSuchMethod("m")), expected("oslo_messaging.rpc.dispatcher", "NoSuchMethod",
                                                    "Endpoint does not support RPC method m",
                                                    "oslo_messaging.rpc.dispatcher.NoSuchMethod: "
                                                    "Endpoint does not support RPC method m\n"));
  EXPECT_EQ(failure_by(UnsupportedVersion("1.1", "m")),
            expected("oslo_messaging.rpc.dispatcher", "UnsupportedVersion",
                     "Endpoint does not support RPC version 1.1. Attempted method: m",
                     "oslo_messaging.rpc.dispatcher.UnsupportedVersion: "
                     "Endpoint does not support RPC version 1.1. Attempted method: m\n"));
}

TEST(FailureOf, EXC_9_OtherErrorsOfTheLibraryStandWhereOsloHasThem) {
  const auto module = [](const Failure& failure) { return failure.module; };
  EXPECT_EQ(module(failure_by(MessagingTimeout("x"))), "oslo_messaging.exceptions");
  EXPECT_EQ(module(failure_by(MessageDeliveryFailure("x"))), "oslo_messaging.exceptions");
  EXPECT_EQ(module(failure_by(InvalidTarget("x", {}))), "oslo_messaging.exceptions");
  EXPECT_EQ(module(failure_by(RPCVersionCapError("2.0", "1.0"))), "oslo_messaging.rpc.client");
  EXPECT_EQ(module(failure_by(MessageInDoubt("x", "id"))), "gantry");
  EXPECT_EQ(module(failure_by(SerializationError("x"))), "gantry");
  EXPECT_EQ(failure_by(MessageInDoubt("x", "id")).class_name, "MessageInDoubt");
}

TEST(FailureOf, EXC_7_AProgramsOwnTypeGoesByItsName) {
  EXPECT_EQ(failure_by(app::billing::CardRefused("no")),
            expected("app.billing", "CardRefused", "no", "app.billing.CardRefused: no\n"));
  EXPECT_EQ(failure_by(app::billing::Odd<std::string>()).module, "app.billing");
  EXPECT_EQ(failure_by(Global("x")).module, "gantry");
  EXPECT_EQ(failure_by(Global("x")).class_name, "Global");
}

// Boost wraps what it throws.
TEST(FailureOf, EXC_7_AWrappedTypeGoesByItsOwnName) {
  const auto failure_in = [](auto run) {
    try {
      run();
    } catch (...) {
      return failure_of(std::current_exception());
    }
    return Failure{};
  };
  EXPECT_EQ(failure_in([] { return Object{}.at("absent"); }).class_name, "IndexError");
  const auto wrong_kind = failure_in([] { return boost::json::value_to<bool>(Value(1)); });
  EXPECT_EQ(wrong_kind.module, "boost.system");
  EXPECT_EQ(wrong_kind.class_name, "system_error");
}

TEST(FailureOf, RPCS_11_AnythingElseIsUnknown) {
  EXPECT_EQ(failure_by(42).class_name, "unknown");
  EXPECT_EQ(failure_by(42).module, "gantry");
  EXPECT_EQ(failure_by(app::billing::NoException()).class_name, "unknown");
  EXPECT_EQ(failure_of(nullptr).class_name, "unknown");
}

TEST(FailureOf, RPCS_10_ATextThatIsNotUtf8IsMadeSo) {
  EXPECT_EQ(failure_by(std::runtime_error("caf\xe9 \xc3\xa9")).message, "caf\xef\xbf\xbd \xc3\xa9");
}

TEST(FailureOf, EXC_2_ACauseComesFirstInTheTrace) {
  try {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(app::billing::CardRefused("outer"));
    }
  } catch (...) {
    const Failure failure = failure_of(std::current_exception());
    EXPECT_EQ(failure.class_name, "CardRefused");
    EXPECT_THAT(
        failure.traceback,
        ElementsAre("IndexError: inner\n",
                    "\nThe above exception was the direct cause of the following exception:\n\n",
                    "app.billing.CardRefused: outer\n"));
  }
}

TEST(FailureOf, EXC_3_ARemoteErrorIsSentOnAsWhatItWas) {
  const Failure failure{.class_name = "AppError_Remote",
                        .module = "appexc_Remote",
                        .message = "bad",
                        .traceback = {"AppError: bad\n"},
                        .args = {"bad", 1},
                        .kwargs = {{"a", 1}}};
  Failure original = failure;
  original.class_name = "AppError";
  original.module = "appexc";
  EXPECT_EQ(failure_by(RemoteError(failure)), original);

  const Failure half{.class_name = "AppError_Remote", .module = "appexc"};
  EXPECT_EQ(failure_by(RemoteError(half)), half) << "only where both have the suffix";
}

TEST(FailureOf, EXC_7_ARemoteFailureArrivesAsExactlyThat) {
  const Failure failure{.class_name = "Odd", .module = "app", .message = "x", .args = {1}};
  EXPECT_EQ(failure_by(RemoteFailure(failure)), failure);
}

TEST(RemoteError, EXC_4_TheTextHoldsClassMessageAndAReadableTrace) {
  const RemoteError error(
      {.class_name = "ValueError",
       .module = "builtins",
       .message = "bad",
       .traceback = {"Traceback (most recent call last):\n", "ValueError: bad\n"}});
  EXPECT_STREQ(
      error.what(),
      "Remote error: ValueError bad\nTraceback (most recent call last):\nValueError: bad\n");
  EXPECT_EQ(error.exc_type(), "ValueError");
  EXPECT_EQ(error.value(), "bad");
  EXPECT_EQ(error.traceback().size(), 2U);
  EXPECT_STREQ(RemoteError({.class_name = "E"}).what(), "Remote error: E");
  EXPECT_THAT(RemoteError({}).traceback(), IsEmpty());
}

}  // namespace
}  // namespace gantry
