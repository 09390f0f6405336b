// SPDX-License-Identifier: Apache-2.0
#include "gantry/json.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "gantry/error.hpp"
#include "wire_vectors.hpp"

namespace gantry {
namespace {

std::string reason_of(std::string_view text) {
  try {
    parse_json(text);
  } catch (const SerializationError& error) {
    return error.what();
  }
  return "accepted";
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']');
}

std::string read_back(double number) { return to_json(parse_json(to_json(number))); }

TEST(ParseJson, ENV_1_EveryKindArrivesAsItIs) {
  const Value value =
      parse_json(R"( {"a": [null, true, false, "é\u00e9\ud83d\ude00\n", 1, 1.0]} )");
  EXPECT_EQ(value, (Value{{"a", {nullptr, true, false, "éé😀\n", 1, 1.0}}}));
  EXPECT_TRUE(value.at("a").at(4).is_int64());
  EXPECT_TRUE(value.at("a").at(5).is_double());
}

TEST(ParseJson, ENV_1_IntegersOf64BitsAreKept) {
  EXPECT_EQ(parse_json("-9223372036854775808").as_int64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(parse_json("9223372036854775807").as_int64(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parse_json("9223372036854775808").as_uint64(), 9223372036854775808U);
  EXPECT_EQ(parse_json("18446744073709551615").as_uint64(), std::numeric_limits<uint64_t>::max());
}

TEST(ParseJson, ENV_1_TheLastOfEqualKeysWins) {
  EXPECT_EQ(parse_json(R"({"a": 1, "b": 2, "a": 3})"), (Value{{"a", 3}, {"b", 2}}));
}

TEST(ParseJson, ENV_6_WhatAValueCannotHoldIsRefusedWithTheReasonAndThePlace) {
  struct Row {
    const char* text;
    const char* reason;
  };
  constexpr Row rows[] = {
      {R"([1, 18446744073709551616])", "an integer beyond 64 bits at offset 4"},
      {R"([-9223372036854775809])", "an integer beyond 64 bits at offset 1"},
      {R"({"a": 123456789012345678901234567890})", "an integer beyond 64 bits at offset 6"},
      {R"([1e400])", "a number beyond a double's range at offset 1"},
      {R"({"1e400": NaN})", "NaN or Infinity at offset 10"},
      {R"([Infinity])", "NaN or Infinity at offset 1"},
      {R"([-Infinity])", "NaN or Infinity at offset 1"},
      {R"(["x\ud800"])", "a lone surrogate at offset 3"},
      {R"(["\udc00"])", "a lone surrogate at offset 2"},
      {R"(["\ud800\u0041"])", "a lone surrogate at offset 2"},
      {R"(["\\ud800", "\"\ud83d\ude00\udfff"])", "a lone surrogate at offset 27"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(reason_of(row.text), std::string("invalid JSON: ") + row.reason) << row.text;
  }
}

TEST(ParseJson, ENV_6_WhatIsNoJsonIsRefused) {
  for (const std::string text :
       {"", " ", "hello", "{", "[1,]", "{} {}", "{'a': 1}", "01", "1.", "nan", "\"\x01\"",
        "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\xaf\"", "\xef\xbb\xbf{}", "\"\\x\"", "\"abc"}) {
    EXPECT_TRUE(reason_of(text).starts_with("invalid JSON: ")) << text;
  }
}

TEST(ParseJson, ENV_6_NestingIsLimited) {
  EXPECT_EQ(to_json(parse_json(nested(kMaxJsonDepth))), nested(kMaxJsonDepth));
  for (const int levels : {kMaxJsonDepth + 1, kMaxJsonDepth + 2, 100'000}) {
    EXPECT_TRUE(reason_of(nested(levels)).starts_with("invalid JSON: nested deeper than 512"));
  }
}

TEST(ParseJson, ENV_6_ARefusedTextLeavesNothingBehind) {
  EXPECT_THROW(parse_json(R"({"a": [1, 2, )"), SerializationError);
  EXPECT_THROW(parse_json("[1, " + nested(kMaxJsonDepth) + "]"), SerializationError);
  EXPECT_EQ(parse_json("[3]"), Value(Array{3}));
}

TEST(ParseJson, ENV_1_LargeTextsAreRead) {
  Array large;
  for (int i = 0; i < 100'000; ++i) large.emplace_back("text number " + std::to_string(i));
  EXPECT_EQ(parse_json(to_json(large)), Value(large));
}

TEST(JsonWriter, ENV_1_TheDialectIsThatOfPython) {
  EXPECT_EQ(to_json(Value{{"a", {1, -2, nullptr}}, {"b", {{"c", true}, {"d", false}}}}),
            R"({"a": [1, -2, null], "b": {"c": true, "d": false}})");
  EXPECT_EQ(to_json(Value(Array{Array{}, Object{}, ""})), R"([[], {}, ""])");
  EXPECT_EQ(to_json("a/b\"\\\b\f\n\r\t\x01\x1f\x7f"), R"("a/b\"\\\b\f\n\r\t\u0001\u001f\u007f")");
  EXPECT_EQ(to_json("é€😀"), R"("\u00e9\u20ac\ud83d\ude00")");
  EXPECT_EQ(to_json(boost::json::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(to_json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(to_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

// Whichever of the eight bytes that are looked at together it stands in.
TEST(JsonWriter, ENV_1_EveryByteIsEscapedWhereItHasTo) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t before = 0; before < 9; ++before) {
      const std::string text = std::string(before, 'a') + static_cast<char>(byte) + "0123456789";
      const std::string json = to_json(boost::json::string(text));
      EXPECT_EQ(parse_json(json).as_string(), text);
      const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
      EXPECT_EQ(json.size() == text.size() + 2, plain) << byte << " after " << before;
    }
  }
}

TEST(JsonWriter, ENV_1_DoublesAreAsPythonWritesThem) {
  int rows = 0;
  for (const auto& line :
       test::lines_of(std::filesystem::path(GANTRY_TEST_DATA) / "python_reprs.txt")) {
    const auto bits = std::stoull(line.substr(0, 16), nullptr, 16);
    EXPECT_EQ(to_json(std::bit_cast<double>(bits)), line.substr(17));
    ++rows;
  }
  EXPECT_GT(rows, 300);
}

TEST(JsonWriter, ENV_1_TenThousandRandomDoublesComeBackBitForBit) {
  std::mt19937_64 random(20240101);  // a fixed seed: a failure can be repeated
  for (int i = 0; i < 10'000;) {
    const auto bits = random();
    const auto number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) continue;
    ++i;
    const std::string text = to_json(number);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(parse_json(text).as_double()), bits) << text;
    ASSERT_EQ(read_back(number), text);
  }
}

TEST(JsonWriter, ENV_6_WhatJsonCannotSayIsRefused) {
  EXPECT_THROW(to_json(std::nan("")), SerializationError);
  EXPECT_THROW(to_json(Array{std::numeric_limits<double>::infinity()}), SerializationError);
  for (const auto* text :
       {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_THROW(to_json(text), SerializationError);
    EXPECT_THROW(to_json(Object{{text, 1}}), SerializationError);
  }
}

TEST(JsonWriter, ENV_6_NestingIsLimited) {
  Value value = Array{};
  for (int level = 1; level < kMaxJsonDepth; ++level) value = Array{std::move(value)};
  EXPECT_EQ(to_json(value), nested(kMaxJsonDepth));
  EXPECT_THROW(JsonWriter().value(value, 1), SerializationError);
  EXPECT_THROW(to_json(Array{value}), SerializationError);
}

// One pass has to give what one dump inside another gives.
TEST(JsonWriter, ENV_1_TextInTextIsEscapedOncePerLevel) {
  const Value value{{"k\"ey", {"pl\\ain", "é\n", 1.5, nullptr, "\"\\\""}}};
  std::string expected = to_json(value);
  for (int levels = 1; levels <= 4; ++levels) {
    expected = to_json(Object{{"text", expected}});
    JsonWriter json;
    for (int level = 0; level < levels; ++level) json.raw(R"({"text": )").open_text();
    json.value(value);
    for (int level = 0; level < levels; ++level) json.close_text().raw("}");
    EXPECT_EQ(json.take(), expected);
  }
}

TEST(JsonWriter, RPCS_10_WhatWasBegunCanBeTakenBack) {
  JsonWriter json;
  json.raw("[");
  const auto mark = json.mark();
  json.open_text().raw(R"({"a": )");
  EXPECT_THROW(json.value(std::nan("")), SerializationError);
  json.rewind(mark);
  json.string("instead").raw("]");
  EXPECT_EQ(json.take(), R"(["instead"])");
  EXPECT_EQ(json.take(), "") << "taken once";
}

}  // namespace
}  // namespace gantry
