// SPDX-License-Identifier: Apache-2.0
#include "raw_kafka.hpp"

#include <array>
#include <chrono>
#include <span>
#include <stdexcept>

#include "gantry/transport_url.hpp"

namespace gantry::test {
namespace {

constexpr int kPatienceMs = 30'000;

void check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

std::string brokers_of(const std::string& url) {
  std::string brokers;
  for (const auto& host : TransportUrl::parse(url).hosts)
    brokers += (brokers.empty() ? "" : ",") + host.hostname.value_or("localhost") + ':' +
               std::to_string(host.port.value_or(9092));
  return brokers;
}

RawKafka::Record record_of(const rd_kafka_message_t& message) {
  RawKafka::Record record{.partition = message.partition};
  if (message.key != nullptr)
    record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  record.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  return record;
}

}  // namespace

RawKafka::RawKafka(const std::string& url)
    : brokers_(brokers_of(url)), producer_(make(RD_KAFKA_PRODUCER)) {}

RawKafka::Client RawKafka::make(rd_kafka_type_t type) const {
  std::array<char, 512> error{};
  auto* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), error.data(), error.size());
  Client client(rd_kafka_new(type, conf, error.data(), error.size()));
  if (!client) throw std::runtime_error(error.data());
  return client;
}

void RawKafka::write(const std::string& topic, std::optional<std::string_view> value,
                     std::int32_t partition, const Headers& headers) {
  auto* const sent = rd_kafka_headers_new(headers.size());  // librdkafka's, once it is written
  for (const auto& [name, text] : headers)
    rd_kafka_header_add(sent, name.c_str(), -1, text.data(), static_cast<ssize_t>(text.size()));
  std::array<rd_kafka_vu_t, 5> parts{};
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = sent;
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = partition;
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {value ? const_cast<char*>(value->data()) : nullptr, value ? value->size() : 0};
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  if (auto* const error = rd_kafka_produceva(producer_.get(), parts.data(), parts.size())) {
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    check(code, "writing");
  }
  check(rd_kafka_flush(producer_.get(), kPatienceMs), "writing");
}

int RawKafka::partitions(const std::string& topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  auto* const handle = rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr);
  const auto error = rd_kafka_metadata(producer_.get(), 0, handle, &metadata, kPatienceMs);
  rd_kafka_topic_destroy(handle);
  check(error, "asking for a topic");
  const int count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return count;
}

// A topic that was just made has no leader for a moment; each time that is said the brokers are
// asked anew who leads it.
std::pair<std::int64_t, std::int64_t> RawKafka::extent(rd_kafka_t* reader, const std::string& topic,
                                                       int partition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  for (;;) {
    std::pair<std::int64_t, std::int64_t> extent;
    const auto error = rd_kafka_query_watermark_offsets(reader, topic.c_str(), partition,
                                                        &extent.first, &extent.second, kPatienceMs);
    const bool passing = error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
                         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    if (!passing || std::chrono::steady_clock::now() > give_up) check(error, "asking for the end");
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return extent;
    partitions(topic);
  }
}

std::vector<RawKafka::Record> RawKafka::read_all(const std::string& topic) {
  const auto count = partitions(topic);
  const auto reader = make(RD_KAFKA_CONSUMER);
  auto* const handle = rd_kafka_topic_new(reader.get(), topic.c_str(), nullptr);
  std::vector<Record> records;
  for (int partition = 0; partition < count; ++partition) {
    const auto [low, high] = extent(reader.get(), topic, partition);
    rd_kafka_consume_start(handle, partition, low);
    for (auto at = low; at < high;) {
      auto* const message = rd_kafka_consume(handle, partition, kPatienceMs);
      if (message == nullptr) throw std::runtime_error("the records do not come");
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        at = message->offset + 1;
        records.push_back(record_of(*message));
      }
      rd_kafka_message_destroy(message);
    }
    rd_kafka_consume_stop(handle, partition);
  }
  rd_kafka_topic_destroy(handle);
  return records;
}

}  // namespace gantry::test
