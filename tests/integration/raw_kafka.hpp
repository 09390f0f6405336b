// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::test {

// A peer that writes what it likes and looks at what is stored: nothing but librdkafka, for one
// thread. Throws std::runtime_error.
class RawKafka {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Record {
    std::int32_t partition = 0;
    std::optional<std::string> key{};
    std::string value{};
    Headers headers{};
  };

  explicit RawKafka(const std::string& url);  // kafka://…

  // `value` none: a record without one.
  void write(const std::string& topic, std::optional<std::string_view> value,
             std::int32_t partition = 0, const Headers& headers = {});
  // All that the topic's partitions hold now, each in its order.
  std::vector<Record> read_all(const std::string& topic);
  int partitions(const std::string& topic);

 private:
  struct Destroy {
    void operator()(rd_kafka_t* client) const noexcept { rd_kafka_destroy(client); }
  };
  using Client = std::unique_ptr<rd_kafka_t, Destroy>;

  Client make(rd_kafka_type_t type) const;
  std::pair<std::int64_t, std::int64_t> extent(rd_kafka_t* reader, const std::string& topic,
                                               int partition);  // where it begins and ends

  const std::string brokers_;
  const Client producer_;
};

}  // namespace gantry::test
