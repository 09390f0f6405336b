// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <set>

#include "gantry/error.hpp"
#include "gantry/json.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string sealed(std::string_view inner, const Value& version = "2.0") {
  return to_json(Object{{"oslo.version", version}, {"oslo.message", inner}});
}

std::string reason_of(std::string_view body) {
  try {
    wire::open_envelope(body);
  } catch (const SerializationError& error) {
    return error.what();
  }
  return "accepted";
}

Message message(Object context = {}) {
  return {.body = {{"method", "m"}, {"args", Object{}}}, .context = std::move(context)};
}

TEST(WireEnvelope, ENV_1_ARequestIsSealed) {
  EXPECT_EQ(wire::encode_request(message({{"user", "é"}}), {.unique_id = "u"}),
            R"({"oslo.version": "2.0", "oslo.message": "{\"method\": \"m\", \"args\": {}, )"
            R"(\"_unique_id\": \"u\", \"_context_user\": \"\\u00e9\"}"})");
}

TEST(WireEnvelope, ENV_2_AnObjectWithoutBothKeysIsTheMessage) {
  EXPECT_EQ(wire::open_envelope(R"({"x": 1})"), (Object{{"x", 1}}));
  EXPECT_EQ(wire::open_envelope(R"({"oslo.version": "9"})"), (Object{{"oslo.version", "9"}}));
  EXPECT_EQ(wire::open_envelope(R"({"oslo.message": "{}"})"), (Object{{"oslo.message", "{}"}}));
  EXPECT_EQ(wire::open_envelope(""), Object{});
}

TEST(WireEnvelope, ENV_2_TheVersionIsALmostAlways2_0) {
  for (const auto* version : {"2.0", "2.0.0"}) {
    EXPECT_EQ(wire::open_envelope(sealed(R"({"x": 1})", version)), (Object{{"x", 1}})) << version;
  }
  for (const Value& version : {Value("2.1"), Value("2.0.1"), Value("1.0"), Value("3.0"), Value("2"),
                               Value(""), Value("two"), Value(2.0), Value(2), Value(nullptr)}) {
    EXPECT_THROW(wire::open_envelope(sealed("{}", version)), UnsupportedEnvelope)
        << to_json(version);
  }
}

TEST(WireEnvelope, ENV_6_WhatIsWrongIsSaid) {
  EXPECT_EQ(reason_of("[1]"), "the body is not a JSON object");
  EXPECT_EQ(reason_of(sealed("[1]")), "the envelope's message is not a JSON object");
  EXPECT_EQ(reason_of(R"({"oslo.version": "2.0", "oslo.message": {}})"),
            "the envelope's message is not a string holding JSON");
  EXPECT_THAT(reason_of(sealed("{")), HasSubstr("invalid JSON"));
  EXPECT_THAT(reason_of(sealed(R"({"x": NaN})")), HasSubstr("NaN or Infinity at offset 6"));
  EXPECT_THAT(reason_of(sealed("{}", "2.1\n")), HasSubstr("'2.1\\x0a'; this library speaks 2.0"));
}

// A usual body is opened on a shorter way; it must not take what the long way refuses, nor read
// anything differently.
TEST(WireEnvelope, ENV_2_AnyWritingOfTheSameEnvelopeIsRead) {
  const Object inner{{"k", "a\"\\/\b\f\n\r\té😀"}};
  const std::string usual = sealed(to_json(inner));
  EXPECT_EQ(wire::open_envelope(usual), inner);
  EXPECT_EQ(wire::open_envelope(R"({"oslo.version":"2.0","oslo.message":"{\"k\":1}"})"),
            (Object{{"k", 1}}));
  EXPECT_EQ(wire::open_envelope(R"({"oslo.message": "{}", "oslo.version": "2.0"})"), Object{});
  EXPECT_EQ(wire::open_envelope(R"({"oslo.version": "2.0", "oslo.message": "{\u0022k\u0022: 1}"})"),
            (Object{{"k", 1}}));
  EXPECT_EQ(wire::open_envelope(
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"k\\\": \\\"é\\\"}\"}"),
            (Object{{"k", "é"}}));
  EXPECT_EQ(wire::open_envelope(
                R"({"oslo.version": "2.0", "oslo.message": "{}", "oslo.message": "{\"k\": 1}"})"),
            (Object{{"k", 1}}));
  EXPECT_EQ(
      wire::open_envelope(R"({"oslo.version": "2.0", "oslo.message": "{\"k\": 1}", "other": "x"})"),
      (Object{{"k", 1}}));
  for (const std::string_view body : {R"({"oslo.version": "2.0", "oslo.message": "{}\"})",
                                      R"({"oslo.version": "2.0", "oslo.message": "})",
                                      R"({"oslo.version": "2.0", "oslo.message": "{}\x"})",
                                      R"({"oslo.version": "2.0", "oslo.message": ""})",
                                      R"({"oslo.version": "2.0", "oslo.message": {}"})",
                                      "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\n}\"}"}) {
    EXPECT_THROW(wire::open_envelope(body), SerializationError) << body;
  }
}

TEST(WireEnvelope, ENV_6_NoCutOrChangedBodyDoesHarm) {
  const std::string body = wire::encode_request(message({{"user", "é"}}),
                                                {.msg_id = "m", .reply_q = "q", .unique_id = "u"});
  const auto decode = [](std::string_view text) {
    try {
      wire::decode_request(text);
    } catch (const SerializationError&) {
    }
  };
  for (std::size_t at = 0; at < body.size(); ++at) {
    decode(std::string_view(body).substr(0, at));
    for (const char c : {'"', '\\', '{', '\0', '\xff', '9'}) {
      std::string changed = body;
      changed[at] = c;
      decode(changed);
    }
  }
}

TEST(WireRequest, ENV_4_TheProtocolsFieldsComeApart) {
  const wire::RequestIds ids{
      .msg_id = "m1", .reply_q = "reply_1", .unique_id = "u1", .monitor = 2500ms};
  const Message sent{
      .body = {{"method", "m"},
               {"args", {{"_msg_id", 1}, {"_context_x", 2}}},
               {"namespace", ""},
               {"version", "1.1"}},
      .context = {{"user", "u"}, {"", 5}, {"_context_", nullptr}, {"a.b", Array{1}}}};
  const auto request = wire::decode_request(wire::encode_request(sent, ids));
  EXPECT_EQ(request.message, sent);
  EXPECT_EQ(request.ids, ids);
}

TEST(WireRequest, ENV_4_ACastHasNeitherMessageIdNorTimeout) {
  const auto inner = wire::open_envelope(wire::encode_request(message(), {.unique_id = "u"}));
  EXPECT_EQ(inner, (Object{{"method", "m"}, {"args", Object{}}, {"_unique_id", "u"}}));
}

TEST(WireRequest, ENV_4_TheMonitorIsWrittenInSecondsAsPythonWouldWriteThem) {
  const auto written = [](std::optional<std::chrono::milliseconds> monitor) {
    return wire::encode_request(
        {}, {.msg_id = "m", .reply_q = "q", .unique_id = "u", .monitor = monitor});
  };
  EXPECT_THAT(written(5s), HasSubstr(R"(\"_timeout\": 5,)"));
  EXPECT_THAT(written(2500ms), HasSubstr(R"(\"_timeout\": 2.5,)"));
  EXPECT_THAT(written(1ms), HasSubstr(R"(\"_timeout\": 0.001,)"));
  EXPECT_THAT(written({}), HasSubstr(R"(\"_timeout\": null,)"));
}

TEST(WireRequest, ENV_4_TheMonitorArrivesAsItWasSent) {
  const auto arrives = [](std::chrono::milliseconds monitor) {
    const wire::RequestIds ids{.msg_id = "m", .reply_q = "q", .unique_id = "u", .monitor = monitor};
    return wire::decode_request(wire::encode_request({}, ids)).ids.monitor;
  };
  for (auto monitor = 1ms; monitor < 5s; ++monitor) ASSERT_EQ(arrives(monitor), monitor);
  const std::chrono::milliseconds long_one = 24h * 365 * 99 + 1ms;
  EXPECT_EQ(arrives(long_one), long_one);
}

TEST(WireRequest, ENV_4_AMonitorThatMakesNoSenseIsNone) {
  const auto read = [](const std::string& timeout) {
    return wire::decode_request(R"({"_timeout": )" + timeout + "}").ids.monitor;
  };
  for (const auto* none : {"null", "0", "-1", "0.0", "false", "true", "\"\"", "\"abc\"", "\"1x\"",
                           "\"nan\"", "\"inf\"", "[]", "{}"}) {
    EXPECT_EQ(read(none), std::nullopt) << none;
  }
  EXPECT_EQ(read("2.5"), 2500ms);
  EXPECT_EQ(read("\"10\""), 10s);
  EXPECT_EQ(read("0.0001"), 1ms);
  EXPECT_EQ(read("1e-9"), 1ms);
  EXPECT_GT(read("1e300"), 24h * 365);
  EXPECT_FALSE(Deadline::after(*read("1e300")).expired()) << "no overflow";
}

TEST(WireRequest, MSG_10_AContextMayHaveTheProtocolsWords) {
  const Object context{
      {"msg_id", "CTX"}, {"reply_q", "CTX"}, {"client_timeout", 99}, {"user", "u"}};
  const auto request = wire::decode_request(wire::encode_request(
      message(context), {.msg_id = "m", .reply_q = "q", .unique_id = "u", .monitor = 4s}));
  EXPECT_EQ(request.message.context, context);
  EXPECT_EQ(request.ids.msg_id, "m");
  EXPECT_EQ(request.ids.reply_q, "q");
  EXPECT_EQ(request.ids.monitor, 4s);
}

TEST(WireRequest, MSG_10_ABodyMayNot) {
  for (const auto* key : {"_msg_id", "_reply_q", "_timeout", "_unique_id", "_context_user"}) {
    EXPECT_THROW(wire::encode_request({.body = {{key, 1}}}, {.unique_id = "u"}), SerializationError)
        << key;
  }
}

TEST(WireRequest, ENV_4_OtherKeysWithAnUnderscoreAreTheUpperLayers) {
  EXPECT_EQ(wire::decode_request(R"({"_other": 1, "_context": 2, "_msg_id": null})").message.body,
            (Object{{"_other", 1}, {"_context", 2}}));
}

TEST(WireRequest, ENV_6_IdsThatAreNoTextAreRefused) {
  for (const auto* key : {"_msg_id", "_reply_q", "_unique_id"}) {
    EXPECT_THROW(wire::decode_request(to_json(Object{{key, 5}})), SerializationError) << key;
  }
}

TEST(WireRequest, ENV_6_WhatCannotBeWrittenIsRefused) {
  EXPECT_THROW(wire::encode_request({.body = {{"x", std::nan("")}}}, {.unique_id = "u"}),
               SerializationError);
  EXPECT_THROW(wire::encode_request(message({{"\xff", 1}}), {.unique_id = "u"}),
               SerializationError);
}

TEST(WireReply, MSG_5_EveryResultIsAResult) {
  for (const Value& result : {Value(nullptr), Value(false), Value(0), Value(""), Value(Array{}),
                              Value(Object{}), Value("text"), Value(1.0)}) {
    const auto reply = wire::decode_reply(wire::encode_reply(result, "m", "u"));
    EXPECT_EQ(reply.result, result);
    EXPECT_FALSE(reply.failure);
    EXPECT_TRUE(reply.ending);
    EXPECT_FALSE(reply.is_heartbeat());
    EXPECT_EQ(reply.msg_id, "m");
    EXPECT_EQ(reply.unique_id, "u");
  }
}

TEST(WireReply, EXC_2_AFailureArrivesWhole) {
  const Failure failure{.class_name = "Odd",
                        .module = "app",
                        .message = "é \"quoted\" \\ \n",
                        .traceback = {"one\n", "two\n"},
                        .args = {1, "two", nullptr},
                        .kwargs = {{"k", Array{1.5}}}};
  const auto reply = wire::decode_reply(wire::encode_reply(failure, "m", "u"));
  EXPECT_EQ(reply.failure, failure);
  EXPECT_TRUE(reply.result.is_null());
  EXPECT_EQ(wire::decode_failure(wire::encode_failure(failure)), failure);
}

TEST(WireReply, MSG_6_AHeartbeatIsNoAnswer) {
  const auto reply = wire::decode_reply(wire::encode_heartbeat("m", "u"));
  EXPECT_TRUE(reply.is_heartbeat());
  EXPECT_EQ(reply.msg_id, "m");
}

TEST(WireReply, RPCS_10_WhatCannotBeWrittenIsAFailureThatSaysSo) {
  const Failure odd{.class_name = "Odd", .message = "\xff"};
  Value deep = Array{};
  for (int level = 1; level < kMaxJsonDepth; ++level) deep = Array{std::move(deep)};
  for (const Reply& reply :
       {Reply(Value(Array{1, std::nan("")})), Reply(Value("a\xff")), Reply(odd), Reply(deep)}) {
    const auto decoded = wire::decode_reply(wire::encode_reply(reply, "m", "u"));
    ASSERT_TRUE(decoded.failure);
    EXPECT_EQ(decoded.failure->class_name, "SerializationError");
    EXPECT_THAT(decoded.failure->message, HasSubstr("the reply cannot be sent: "));
    EXPECT_EQ(decoded.msg_id, "m");
    EXPECT_TRUE(decoded.ending);
  }
}

TEST(WireReply, EXC_8_AFailureThatIsNoneKeepsItsText) {
  for (const auto* text : {"notjson", "[1]", "{}", "5", "{\"tb\": []}"}) {
    EXPECT_EQ(wire::decode_failure(text), Failure{.message = text});
  }
}

TEST(WireReply, EXC_4_ThePartsOfAFailureMayBeAbsentOrOdd) {
  EXPECT_EQ(wire::decode_failure(R"({"class": "E"})"), Failure{.class_name = "E"});
  EXPECT_EQ(wire::decode_failure(
                R"({"class": "E", "module": "exceptions", "message": null, "tb": ["a", 1],
                    "args": null, "kwargs": []})"),
            (Failure{.class_name = "E", .module = "builtins", .traceback = {"a", "1"}}));
  EXPECT_EQ(wire::decode_failure(R"({"message": [1], "tb": "line"})"),
            (Failure{.message = "[1]", .traceback = {"line"}}));
}

TEST(WireReply, EXC_8_TruthDecidesWhetherAReplyFailed) {
  const auto failed = [](const std::string& failure) {
    return wire::decode_reply(R"({"result": 1, "failure": )" + failure + "}").failure.has_value();
  };
  for (const auto* no : {"null", "false", "0", "0.0", "\"\"", "[]", "{}"}) EXPECT_FALSE(failed(no));
  for (const auto* yes :
       {"true", "1", "0.5", "18446744073709551615", "\"x\"", "[0]", "{\"class\": \"E\"}"}) {
    EXPECT_TRUE(failed(yes)) << yes;
  }
  EXPECT_TRUE(wire::decode_reply(R"({"ending": 1})").ending);
  EXPECT_FALSE(wire::decode_reply(R"({"result": 1})").ending);
}

TEST(WireNotification, ENV_3_OnlyV2HasAnEnvelope) {
  const Message sent{.body = {{"event_type", "e"}, {"priority", "INFO"}}, .context = {{"user", 1}}};
  EXPECT_EQ(wire::encode_notification(sent, "u", Envelope::v1),
            R"({"event_type": "e", "priority": "INFO", "_unique_id": "u", "_context_user": 1})");
  for (const auto envelope : {Envelope::v1, Envelope::v2}) {
    const auto received = wire::decode_notification(wire::encode_notification(sent, "u", envelope));
    EXPECT_EQ(received.message, sent);
    EXPECT_EQ(received.unique_id, "u");
  }
}

TEST(WireNotification, ENV_3_WithoutAnEnvelopeNothingMayLookLikeOne) {
  const Message sent{.body = {{"oslo.version", "2.0"}, {"oslo.message", "{}"}}};
  EXPECT_THROW(wire::encode_notification(sent, "u", Envelope::v1), SerializationError);
  const auto sealed = wire::encode_notification(sent, "u", Envelope::v2);
  EXPECT_EQ(wire::decode_notification(sealed).message, sent);
}

TEST(WireIds, MSG_1_IdsAreRandomUuids) {
  EXPECT_THAT(wire::new_id(), MatchesRegex("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}"));
  EXPECT_THAT(wire::new_uuid(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                             "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  std::set<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(wire::new_id());
  EXPECT_EQ(ids.size(), 10'000U);
}

TEST(WireIds, MSG_1_AForkedChildHasIdsOfItsOwn) {
  wire::new_id();  // ids are made in advance, several at once
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string id = wire::new_id();
    const auto written = write(ends[1], id.data(), id.size());
    _exit(written == 32 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  std::string of_child(32, '\0');
  ASSERT_EQ(read(ends[0], of_child.data(), of_child.size()), 32);
  close(ends[0]);
  close(ends[1]);
  EXPECT_NE(wire::new_id(), of_child);
}

}  // namespace
}  // namespace gantry
