// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "gantry/kit/wire.hpp"
#include "wire_vectors.hpp"

namespace gantry {
namespace {

using test::captured_bodies;
using test::CapturedBody;

// Bodies with integers beyond 64 bits, NaN and Infinity, or lone surrogates.
const std::set<std::string> kRefused = {
    "args_ints_0",      "args_ints_1",      "args_lone_surrogate_0", "args_lone_surrogate_1",
    "args_nonfinite_0", "args_nonfinite_1", "reply_bigint_1",        "v2_payload_types_0"};

std::string name_of(const testing::TestParamInfo<CapturedBody>& info) { return info.param.name; }

std::string text_of(const Object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

Object without_protocol_keys(const Object& inner) {
  Object body;
  for (const auto& [key, value] : inner) {
    if (!key.starts_with('_')) body.emplace(key, value);
  }
  return body;
}

Object context_in(const Object& inner) {
  constexpr std::string_view prefix = "_context_";
  Object context;
  for (const auto& [key, value] : inner) {
    if (key.starts_with(prefix)) context.emplace(key.substr(prefix.size()), value);
  }
  return context;
}

Message message_in(const Object& inner) {
  return {.body = without_protocol_keys(inner), .context = context_in(inner)};
}

wire::RequestIds ids_in(const Object& inner) {
  wire::RequestIds ids{.unique_id = text_of(inner, "_unique_id")};
  if (!inner.contains("_msg_id")) return ids;
  ids.msg_id = text_of(inner, "_msg_id");
  ids.reply_q = text_of(inner, "_reply_q");
  if (const Value& seconds = inner.at("_timeout"); !seconds.is_null()) {
    ids.monitor = std::chrono::milliseconds(std::lround(seconds.to_number<double>() * 1000));
  }
  return ids;
}

Failure failure_in(const std::string& text) {
  const Object object = parse_json(text).as_object();
  Failure failure{.class_name = text_of(object, "class"),
                  .module = text_of(object, "module"),
                  .message = text_of(object, "message"),
                  .args = object.at("args").as_array(),
                  .kwargs = object.at("kwargs").as_object()};
  for (const Value& line : object.at("tb").as_array()) {
    failure.traceback.emplace_back(line.as_string());
  }
  return failure;
}

void expect_request(const std::string& body, const Object& inner) {
  const Message message = message_in(inner);
  const wire::RequestIds ids = ids_in(inner);
  EXPECT_EQ(wire::encode_request(message, ids), body);
  const auto decoded = wire::decode_request(body);
  EXPECT_EQ(decoded.message, message);
  EXPECT_EQ(decoded.ids, ids);
}

void expect_reply(const std::string& body, const Object& inner) {
  const auto msg_id = text_of(inner, "_msg_id");
  const auto unique_id = text_of(inner, "_unique_id");
  const bool ending = inner.at("ending").as_bool();
  Reply reply = inner.at("result");
  if (inner.at("failure").is_string()) reply = failure_in(text_of(inner, "failure"));

  EXPECT_EQ(ending ? wire::encode_reply(reply, msg_id, unique_id)
                   : wire::encode_heartbeat(msg_id, unique_id),
            body);
  const auto decoded = wire::decode_reply(body);
  EXPECT_EQ(decoded.msg_id, msg_id);
  EXPECT_EQ(decoded.unique_id, unique_id);
  EXPECT_EQ(decoded.ending, ending);
  EXPECT_EQ(decoded.is_heartbeat(), !ending);
  EXPECT_EQ(decoded.failure ? Reply(*decoded.failure) : Reply(decoded.result), reply);
}

void expect_refused(const CapturedBody& captured) {
  EXPECT_FALSE(captured.decoded);
  EXPECT_THROW(wire::open_envelope(captured.body), SerializationError);
}

struct GoldenRpc : testing::TestWithParam<CapturedBody> {};

TEST_P(GoldenRpc, ENV_4_DecodesAndEncodesAsCaptured) {
  const auto& [name, body, decoded] = GetParam();
  if (kRefused.contains(name)) return expect_refused(GetParam());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->at("oslo.version"), "2.0");
  const Object& inner = decoded->at("message").as_object();
  EXPECT_EQ(wire::open_envelope(body), inner);
  if (inner.contains("method")) {
    expect_request(body, inner);
  } else {
    expect_reply(body, inner);
  }
}

INSTANTIATE_TEST_SUITE_P(Bodies, GoldenRpc, testing::ValuesIn(captured_bodies("rabbit/rpc")),
                         name_of);

struct GoldenNotification : testing::TestWithParam<CapturedBody> {};

TEST_P(GoldenNotification, ENV_3_DecodesAndEncodesAsCaptured) {
  const auto& [name, body, decoded] = GetParam();
  if (kRefused.contains(name)) return expect_refused(GetParam());
  ASSERT_TRUE(decoded);
  const auto envelope = decoded->at("oslo.version").is_null() ? Envelope::v1 : Envelope::v2;
  const Object& inner = decoded->at("message").as_object();
  EXPECT_EQ(wire::open_envelope(body), inner);

  const Message message = message_in(inner);
  const auto unique_id = text_of(inner, "_unique_id");
  EXPECT_EQ(wire::encode_notification(message, unique_id, envelope), body);
  const auto notification = wire::decode_notification(body);
  EXPECT_EQ(notification.message, message);
  EXPECT_EQ(notification.unique_id, unique_id);
}

INSTANTIATE_TEST_SUITE_P(Bodies, GoldenNotification,
                         testing::ValuesIn(captured_bodies("rabbit/notify")), name_of);
INSTANTIATE_TEST_SUITE_P(UpstreamBodies, GoldenNotification,
                         testing::ValuesIn(captured_bodies("rabbit/notify_upstream")), name_of);

TEST(GoldenVectors, ENV_6_EveryBodyToBeRefusedIsAmongThoseCaptured) {
  std::set<std::string> names;
  for (const auto* folder : {"rabbit/rpc", "rabbit/notify"}) {
    for (const auto& captured : captured_bodies(folder)) names.insert(captured.name);
  }
  EXPECT_GT(names.size(), 150U);
  EXPECT_TRUE(std::includes(names.begin(), names.end(), kRefused.begin(), kRefused.end()));
}

// Only the ends and the size of this one were kept.
TEST(GoldenVectors, ENV_4_ABodyLargerThanAFrameIsAsCaptured) {
  const auto lines =
      test::lines_of(std::filesystem::path(GANTRY_VECTORS) / "rabbit/rpc/args_large.json");
  const auto line = std::find_if(lines.begin(), lines.end(), [](const std::string& text) {
    return text.find("\"body_head\"") != std::string::npos;
  });
  ASSERT_NE(line, lines.end());
  const Value frame = parse_json(line->substr(0, line->rfind('}') + 1));
  const std::string head(frame.at("body_head").as_string());
  const std::string tail(frame.at("body_tail").as_string());
  const auto size = frame.at("body_size").to_number<std::size_t>();

  const std::string body = head + std::string(size - head.size() - tail.size(), 'x') + tail;
  const auto request = wire::decode_request(body);
  EXPECT_EQ(request.message.body.at("args").at("s").as_string().size(), 200000U);
  EXPECT_EQ(wire::encode_request(request.message, request.ids), body);
}

}  // namespace
}  // namespace gantry
