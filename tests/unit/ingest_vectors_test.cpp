// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json/value_to.hpp>

#include "gantry/kit/wire.hpp"
#include "wire_vectors.hpp"

// Hand-made messages that were thrown at a Python server, client and listener, with what became of
// them there.
namespace gantry {
namespace {

// Python takes a NaN; no Value holds one.
constexpr std::string_view kNotANumber = "nan";

// A line is cut before what may hold a NaN.
struct Case {
  std::string id;
  Object sent;
  std::string outcome;  // the rest of the line, as text

  Object result() const { return parse_json("{" + outcome).as_object(); }
};

std::vector<Case> cases_of(const std::string& file, std::string_view first_outcome) {
  std::vector<Case> cases;
  for (const auto& line :
       test::lines_of(std::filesystem::path(GANTRY_VECTORS) / "rabbit/ingest" / file)) {
    const auto split = line.find(first_outcome);
    Object sent = parse_json(line.substr(0, split) + "}").as_object();
    std::string id(sent.at("id").as_string());
    cases.push_back({std::move(id), std::move(sent), line.substr(split + 2)});
  }
  return cases;
}

// The bodies of a case, if what happened to it lay in them: the content type and compression are
// the driver's to look at.
std::vector<std::string> bodies_of(const Case& ingest) {
  const Object& publish = ingest.sent.at("publish").as_object();
  const Object& props = publish.at("props").as_object();
  const Value* const type = props.if_contains("content_type");
  if (type == nullptr || type->as_string() != wire::kContentType) return {};
  if (const Value* body = publish.if_contains("body")) return {std::string(body->as_string())};
  std::vector<std::string> bodies;
  if (const Value* several = publish.if_contains("bodies")) {
    for (const Value& body : several->as_array()) bodies.emplace_back(body.as_string());
  }
  return bodies;
}

// For good: what is requeued was read.
bool was_rejected(const Object& outcome) {
  const Object& frame = outcome.at("broker_saw").at(0).as_object();
  return frame.at("method") == "basic.reject" && !frame.at("args").at("requeue").as_bool();
}

bool is_refused(const std::string& body) {
  try {
    wire::decode_request(body);
    return false;
  } catch (const SerializationError&) {
    return true;
  }
}

Object without_client_timeout(Object context) {
  context.erase("client_timeout");
  return context;
}

void expect_dispatched(const wire::Request& request, const Object& dispatched) {
  const Object& body = request.message.body;
  EXPECT_EQ(body.at("method"), "m");
  EXPECT_EQ(body.contains("args") ? body.at("args") : Value(Object{}), dispatched.at("args"));
  EXPECT_EQ(request.message.context, without_client_timeout(dispatched.at("ctxt").as_object()));
}

TEST(IngestVectors, ENV_6_ARequestIsTakenOrRefusedAsByPython) {
  int taken = 0;
  int refused = 0;
  for (const auto& ingest : cases_of("requests_into_server.jsonl", ", \"broker_saw\"")) {
    SCOPED_TRACE(ingest.id);
    for (const auto& body : bodies_of(ingest)) {
      if (ingest.id == kNotANumber) {
        EXPECT_TRUE(is_refused(body));
        continue;
      }
      const Object outcome = ingest.result();
      ASSERT_EQ(is_refused(body), was_rejected(outcome));
      ++(was_rejected(outcome) ? refused : taken);
      if (was_rejected(outcome) || outcome.at("dispatched").as_array().empty()) continue;
      expect_dispatched(wire::decode_request(body), outcome.at("dispatched").at(0).as_object());
    }
  }
  EXPECT_GT(taken, 60);
  EXPECT_EQ(refused, 12);
}

TEST(IngestVectors, ENV_2_AForeignEnvelopeVersionIsToldFromGarbage) {
  for (const auto& ingest : cases_of("requests_into_server.jsonl", ", \"broker_saw\"")) {
    if (!ingest.id.starts_with("envelope_version_") || ingest.id == "envelope_version_2_0") {
      continue;
    }
    for (const auto& body : bodies_of(ingest)) {
      EXPECT_THROW(wire::decode_request(body), UnsupportedEnvelope) << ingest.id;
    }
  }
}

TEST(IngestVectors, DISP_3_NoReplyIsWantedWithoutAMessageId) {
  for (const auto& ingest : cases_of("requests_into_server.jsonl", ", \"broker_saw\"")) {
    if (ingest.id == kNotANumber) continue;
    for (const auto& body : bodies_of(ingest)) {
      if (is_refused(body)) continue;
      const bool replied = !ingest.result().at("replies").as_array().empty();
      EXPECT_EQ(wire::decode_request(body).ids.is_call(), replied) << ingest.id;
    }
  }
}

TEST(IngestVectors, MSG_6_TheMonitorIsReadFromNumbersAndNumericText) {
  using namespace std::chrono_literals;
  int seen = 0;
  for (const auto& ingest : cases_of("requests_into_server.jsonl", ", \"broker_saw\"")) {
    if (!ingest.id.starts_with("timeout_")) continue;
    ++seen;
    const auto monitor = wire::decode_request(bodies_of(ingest).at(0)).ids.monitor;
    EXPECT_EQ(monitor, ingest.id == "timeout_string" ? std::optional(10'000ms) : std::nullopt)
        << ingest.id;
  }
  EXPECT_EQ(seen, 3);
}

// The reply that a caller gets: what it takes, or nothing.
struct Answer {
  Value result{};
  std::optional<Failure> failure{};
};

std::optional<Answer> answer_to(const Case& ingest) {
  Answer answer;
  for (const Value& sent : ingest.sent.at("replies_sent").as_array()) {
    const std::string inner = to_json(sent);
    const auto reply =
        wire::decode_reply(ingest.sent.at("envelope").as_bool()
                               ? to_json(Object{{"oslo.version", "2.0"}, {"oslo.message", inner}})
                               : inner);
    EXPECT_EQ(Value(reply.msg_id), sent.at("_msg_id"));
    if (reply.msg_id == "nope") continue;
    if (!reply.result.is_null()) answer.result = reply.result;
    answer.failure = reply.failure;
    if (reply.ending) return answer;
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

void expect_failure(const Failure& failure, const Object& exception) {
  const auto type = std::string(exception.at("type").as_string());
  if (const Value* exc_type = exception.if_contains("exc_type")) {
    EXPECT_EQ(failure.class_name, exc_type->is_null() ? "" : exc_type->as_string());
    EXPECT_EQ(failure.message, exception.at("value").as_string());
    EXPECT_EQ(failure.traceback,
              boost::json::value_to<std::vector<std::string>>(exception.at("traceback")));
  } else if (type != "json.decoder.JSONDecodeError" && exception.at("str") != "ctor") {
    EXPECT_EQ(failure.message + "\n" + joined(failure.traceback), exception.at("str").as_string());
  }
}

// Where Python stumbles over its own reply handling, the result is taken as what it plainly is.
bool is_a_fault_of_python(const Object& exception) {
  const auto& type = exception.at("type").as_string();
  return type == "builtins.KeyError" || type == "builtins.AttributeError";
}

TEST(IngestVectors, EXC_8_ARepliesOutcomeIsThatOfPythonOrBetter) {
  for (const auto& ingest : cases_of("replies_into_client.jsonl", ", \"client\"")) {
    SCOPED_TRACE(ingest.id);
    if (ingest.id == "no_content_type") continue;  // the driver's to look at
    const auto outcome = ingest.result().at("client").as_object();
    const auto answer = answer_to(ingest);
    const Value* const exception = outcome.if_contains("exception");
    if (exception == nullptr) {
      ASSERT_TRUE(answer);
      EXPECT_FALSE(answer->failure);
      EXPECT_EQ(answer->result, outcome.at("result"));
    } else if (exception->at("type") == "oslo_messaging.exceptions.MessagingTimeout") {
      EXPECT_FALSE(answer);
    } else if (is_a_fault_of_python(exception->as_object())) {
      ASSERT_TRUE(answer);
      EXPECT_FALSE(answer->failure);
    } else {
      ASSERT_TRUE(answer);
      ASSERT_TRUE(answer->failure);
      expect_failure(*answer->failure, exception->as_object());
    }
  }
}

Value field(const Object& object, std::string_view key) {
  const Value* const value = object.if_contains(key);
  return value == nullptr ? Value() : *value;
}

TEST(IngestVectors, ENV_6_ANotificationIsTakenOrRefusedAsByPython) {
  int taken = 0;
  for (const auto& ingest : cases_of("notifications_into_listener.jsonl", ", \"delivered\"")) {
    SCOPED_TRACE(ingest.id);
    const Object outcome = ingest.result();
    for (const auto& body : bodies_of(ingest)) {
      if (was_rejected(outcome)) {
        EXPECT_THROW(wire::decode_notification(body), SerializationError);
        continue;
      }
      ++taken;
      const auto notification = wire::decode_notification(body);
      if (outcome.at("listener_saw").as_array().empty()) continue;
      const Object& seen = outcome.at("listener_saw").at(0).as_object();
      for (const auto* key : {"publisher_id", "event_type", "payload"}) {
        EXPECT_EQ(field(notification.message.body, key), seen.at(key)) << key;
      }
      for (const auto* key : {"message_id", "timestamp"}) {
        EXPECT_EQ(field(notification.message.body, key), seen.at("metadata").at(key)) << key;
      }
      EXPECT_EQ(notification.message.context, without_client_timeout(seen.at("ctxt").as_object()));
    }
  }
  EXPECT_GE(taken, 10);
}

}  // namespace
}  // namespace gantry
