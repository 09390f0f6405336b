// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

using KafkaHandle = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)>;
using KafkaRecord = std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;

// A producer for one topic on nothing but librdkafka: the floor that a driver built on it can
// reach. All replicas confirm, and nothing waits for others to be sent with. Of one thread. Throws
// std::runtime_error, as the consumer does.
class RawProducer {
 public:
  // kafka://HOST:PORT,…/?…; of the query it knows kafka_consumer_timeout. Returns once a broker has
  // told about the topic.
  RawProducer(const std::string& url, const std::string& topic);
  RawProducer(const RawProducer&) = delete;
  ~RawProducer();

  int partitions() const { return partitions_; }
  // Told of the end of each, by poll and flush, with what it was produced with.
  void on_delivery(std::function<void(void*)> told) { told_ = std::move(told); }
  void produce(std::string_view body, void* opaque = nullptr,
               std::int32_t partition = RD_KAFKA_PARTITION_UA, std::string_view key = {});
  void poll(std::chrono::milliseconds wait);
  void flush();

 private:
  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  std::function<void(void*)> told_{};
  std::string failure_{};  // the first record that was not stored says why
  KafkaHandle client_;
  KafkaTopic topic_;
  int partitions_;
};

// A consumer that reads by hand, without a group.
class RawConsumer {
 public:
  explicit RawConsumer(const std::string& url);
  RawConsumer(const RawConsumer&) = delete;
  ~RawConsumer();

  void read_from_begin(const std::string& topic, int partitions);
  void read_from_end(const std::string& topic);                      // its first partition
  KafkaRecord next();                                                // waits for it
  std::size_t take(rd_kafka_message_t** records, std::size_t most);  // waits for the first

 private:
  KafkaHandle client_;
  std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue_;
};

}  // namespace bench
