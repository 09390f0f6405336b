// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"
#include "wire_vectors.hpp"

// Notifications as oslo.messaging's kafka driver writes and takes them (wire §11).
namespace gantry {
namespace {

using test::lines_of;

struct CapturedRecord {
  std::string name;
  std::string value;
};

void PrintTo(const CapturedRecord& captured, std::ostream* out) { *out << captured.name; }

// A record stands on one line; its value is read alone, since some hold what no Value holds.
std::vector<CapturedRecord> captured_records() {
  std::vector<CapturedRecord> records;
  const std::filesystem::path folder(GANTRY_VECTORS "/kafka");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    for (const auto& line : lines_of(entry.path())) {
      constexpr std::string_view begin = "\"value\": ";
      const auto at = line.find(begin);
      if (at == std::string::npos) continue;
      const auto end = line.find(", \"timestamp_type\"");
      const auto text = line.substr(at + begin.size(), end - at - begin.size());
      const auto number = std::to_string(records.size());
      records.push_back({entry.path().stem().string() + '_' + number,
                         std::string(parse_json("{\"v\": " + text + "}").at("v").as_string())});
    }
  }
  return records;
}

class KafkaRecordTest : public testing::TestWithParam<CapturedRecord> {};

TEST_P(KafkaRecordTest, WIRE_11_IsTakenAndWrittenAsItWas) {
  const auto& value = GetParam().value;
  if (GetParam().name.starts_with("payload_types")) {  // with an integer beyond 64 bits
    EXPECT_THROW(wire::decode_notification_record(value), SerializationError);
    return;
  }
  const auto message = wire::decode_notification_record(value);
  EXPECT_TRUE(message.body.contains("event_type"));
  EXPECT_FALSE(message.body.contains("_context"));
  EXPECT_EQ(wire::encode_notification_record(message), value);
}

INSTANTIATE_TEST_SUITE_P(, KafkaRecordTest, testing::ValuesIn(captured_records()),
                         [](const auto& record) { return record.param.name; });

// What Python's listener saw of records that somebody else had written. Where it lost the good ones
// of a batch with a bad one, ours does not.
TEST(KafkaRecord, WIRE_11_ABadOneIsToldFromAGoodOne) {
  std::string text;
  for (const auto& line : lines_of(GANTRY_VECTORS "/kafka/bad_input.json")) text += line + '\n';
  const auto file = parse_json(text);
  for (const auto& [name, item] : file.at("results").as_object()) {
    Array seen;
    for (const auto& record : item.at("records").as_array()) {
      try {
        seen.push_back(wire::decode_notification_record(std::string_view(record.as_string()))
                           .body.at("payload"));
      } catch (const SerializationError&) {
      }
    }
    const Array theirs = item.at("listener_saw").as_array();
    EXPECT_EQ(seen, name == "bad_then_good_same_batch" ? Array({6, 7}) : theirs) << name;
  }
}

TEST(KafkaRecord, WIRE_11_AContextIsAnObject) {
  EXPECT_THROW(wire::decode_notification_record(R"({"payload": 1, "_context": null})"),
               SerializationError);
  EXPECT_THROW(wire::decode_notification_record(R"({"payload": 1, "_context": [1]})"),
               SerializationError);
}

TEST(KafkaRecord, WIRE_11_TheContextsKeyIsTheProtocols) {
  EXPECT_THROW(wire::encode_notification_record({.body = {{"_context", Object()}}}),
               SerializationError);
}

}  // namespace
}  // namespace gantry
