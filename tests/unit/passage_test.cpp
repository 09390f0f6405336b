// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/passage.hpp"

#include <gtest/gtest.h>

#include <boost/json/monotonic_resource.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/json.hpp"

namespace gantry::wire {
namespace {

Message by_text(const Message& request) {
  return decode_request(encode_request(request, {.unique_id = "u"})).message;
}

ReplyBody by_text(const Reply& reply) { return decode_reply(encode_reply(reply, "m", "")); }

// Equal in kinds too: for Boost.JSON a signed 1 and an unsigned one are the same.
void expect_same(const Value& a, const Value& b) {
  ASSERT_EQ(a.kind(), b.kind()) << to_json(a) << " and " << to_json(b);
  if (a.is_object()) {
    ASSERT_EQ(a.get_object().size(), b.get_object().size());
    for (std::size_t i = 0; i < a.get_object().size(); ++i) {
      const auto& mine = a.get_object().begin()[i];
      const auto& other = b.get_object().begin()[i];
      EXPECT_EQ(mine.key(), other.key());
      expect_same(mine.value(), other.value());
    }
  } else if (a.is_array()) {
    ASSERT_EQ(a.get_array().size(), b.get_array().size());
    for (std::size_t i = 0; i < a.get_array().size(); ++i) {
      expect_same(a.get_array()[i], b.get_array()[i]);
    }
  } else if (a.is_double()) {
    EXPECT_EQ(std::signbit(a.get_double()), std::signbit(b.get_double()));
    EXPECT_EQ(a, b);
  } else {
    EXPECT_EQ(a, b);
  }
}

void expect_same(const ReplyBody& a, const ReplyBody& b) {
  EXPECT_EQ(a.msg_id, b.msg_id);
  EXPECT_EQ(a.unique_id, b.unique_id);
  EXPECT_EQ(a.failure, b.failure);
  EXPECT_EQ(a.ending, b.ending);
  expect_same(a.result, b.result);
}

template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const SerializationError& error) {
    return error.what();
  }
  return "it passed";
}

// Values of every kind, nested, from a fixed sequence.
class Values {
 public:
  Value next(int depth = 0) {
    switch (random_() % (depth < 4 ? 8 : 6)) {
      case 0:
        return random_() % 2 == 0 ? Value(nullptr) : Value(random_() % 4 < 2);
      case 1:
        return static_cast<std::int64_t>(random_());
      case 2:
        return std::uint64_t{random_()};
      case 3:
        return std::uint64_t{random_() % 100};
      case 4:
        return std::ldexp(static_cast<double>(random_()), static_cast<int>(random_() % 900) - 450);
      case 5:
        return boost::json::string(text());
      case 6: {
        Array array;
        for (auto items = random_() % 4; items > 0; --items) array.push_back(next(depth + 1));
        return array;
      }
      default:
        return object(depth + 1);
    }
  }
  Object object(int depth = 0) {
    Object object;
    for (auto members = random_() % 5; members > 0; --members) object[text()] = next(depth + 1);
    return object;
  }

 private:
  std::string text() {
    const std::vector<std::string> parts{"a", "\"", "\\", "\n", std::string(1, '\0'),
                                         "ä", "€",  "😀"};
    std::string text;
    for (auto length = random_() % 6; length > 0; --length) text += parts[random_() % parts.size()];
    return text;
  }

  std::mt19937_64 random_{7};
};

TEST(Passage, FAKE_11_ARequestPassesAsIfItHadBeenWrittenAndRead) {
  Values values;
  for (int i = 0; i < 2000; ++i) {
    const Message request{.body = values.object(), .context = values.object()};
    const auto read = by_text(request);
    const auto passed = pass(request);
    expect_same(passed.body, read.body);
    expect_same(passed.context, read.context);
  }
}

TEST(Passage, FAKE_11_AReplyPassesAsIfItHadBeenWrittenAndRead) {
  Values values;
  for (int i = 0; i < 2000; ++i) {
    const Reply reply = values.next();
    expect_same(pass(reply, "m"), by_text(reply));
  }
  const Reply failure = Failure{.class_name = "Odd", .module = "app", .message = "why"};
  expect_same(pass(failure, "m"), by_text(failure));
  const Reply nan = Value(std::numeric_limits<double>::quiet_NaN());
  const auto refused = pass(nan, "m");
  ASSERT_TRUE(refused.failure.has_value());
  EXPECT_EQ(refused.failure->message, by_text(nan).failure->message);
}

TEST(Passage, FAKE_12_WhatCannotBeWrittenIsRefusedWithTheSameWords) {
  Value deep = 1;
  for (int i = 0; i < kMaxJsonDepth; ++i) deep = Array{std::move(deep)};
  const std::vector<Message> refused{
      {.body = {{"n", std::numeric_limits<double>::quiet_NaN()}}},
      {.body = {{"n", Array{-std::numeric_limits<double>::infinity()}}}},
      {.body = {{"text", "\xff"}}},
      {.body = {{"text", "\xed\xa0\x80"}}},
      {.body = {{"\xc0\x80", 1}}},
      {.body = {{"_msg_id", "mine"}}},
      {.body = {{"_context_user", "mine"}}},
      {.body = {{"deep", deep}}},
      {.context = {{"\xff", 1}}},
      {.context = {{"deep", Object{{"er", deep}}}}},
  };
  for (const auto& request : refused) {
    const auto words = refusal([&] { encode_request(request, {}); });
    EXPECT_NE(words, "it passed");
    EXPECT_EQ(refusal([&] { pass(request); }), words);
  }
  Message just_fits{.body = {{"deep", deep.get_array()[0]}}};
  expect_same(pass(just_fits).body, by_text(just_fits).body);
}

TEST(Passage, FAKE_11_NothingStaysInMemoryOfTheSender) {
  std::optional<Message> passed;
  std::optional<ReplyBody> answer;
  {
    boost::json::monotonic_resource memory;
    Object body({{"list", Array{1, "a text that is too long to be stored in place"}}}, &memory);
    Value result(Array{"another text that is too long to be stored in place"}, &memory);
    passed = pass(Message{.body = std::move(body)});
    answer = pass(Reply(std::move(result)), "m");
  }
  EXPECT_EQ(*passed->body.storage(), *boost::json::storage_ptr());
  EXPECT_EQ(*answer->result.storage(), *boost::json::storage_ptr());
  EXPECT_EQ(passed->body.at("list").as_array().at(0), Value(1));
}

}  // namespace
}  // namespace gantry::wire
