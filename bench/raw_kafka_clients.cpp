// SPDX-License-Identifier: Apache-2.0
#include "raw_kafka_clients.hpp"

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <thread>
#include <utility>

namespace bench {

namespace {

constexpr int kPatienceMs = 30'000;
constexpr int kPauseMs = 20;

void check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

std::string brokers_of(const std::string& url) {
  const auto begin = url.find("://");
  if (begin == url.npos) throw std::runtime_error("kafka://HOST:PORT/ is wanted, not " + url);
  return url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
}

// How long a broker may keep a fetch that finds nothing, as the driver is told in the same URL.
std::string fetch_wait_ms(const std::string& url) {
  constexpr std::string_view name = "kafka_consumer_timeout=";
  const auto at = url.find(name);
  const double seconds = at == url.npos ? 1 : std::stod(url.substr(at + name.size()));
  return std::to_string(static_cast<int>(seconds * 1000));
}

using Setting = std::pair<const char*, std::string>;

KafkaHandle make(rd_kafka_type_t type, std::initializer_list<Setting> settings,
                 const std::function<void(rd_kafka_conf_t*)>& more = {}) {
  std::array<char, 512> error{};
  auto* const conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
        RD_KAFKA_CONF_OK)
      throw std::runtime_error(error.data());
  if (more) more(conf);
  KafkaHandle client(rd_kafka_new(type, conf, error.data(), error.size()), rd_kafka_destroy);
  if (!client) throw std::runtime_error(error.data());
  return client;
}

// A broker creates a topic that it is asked for, and knows its partitions a little later.
int partitions_of(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  for (int attempts = kPatienceMs / kPauseMs; attempts > 0; --attempts) {
    const rd_kafka_metadata_t* metadata = nullptr;
    check(rd_kafka_metadata(client, 0, topic, &metadata, kPatienceMs), "asking for a topic");
    const int count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (count > 0) return count;
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
  throw std::runtime_error("the topic has no partitions");
}

}  // namespace

RawProducer::RawProducer(const std::string& url, const std::string& topic)
    : client_(make(RD_KAFKA_PRODUCER,
                   {{"bootstrap.servers", brokers_of(url)}, {"acks", "all"}, {"linger.ms", "0"}},
                   [this](rd_kafka_conf_t* conf) {
                     rd_kafka_conf_set_opaque(conf, this);
                     rd_kafka_conf_set_dr_msg_cb(conf, delivered);
                   })),
      topic_(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr), rd_kafka_topic_destroy),
      partitions_(partitions_of(client_.get(), topic_.get())) {}

// What is still under way is told to nobody.
RawProducer::~RawProducer() {
  told_ = nullptr;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void RawProducer::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& self = *static_cast<RawProducer*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && self.failure_.empty())
    self.failure_ = rd_kafka_err2str(message->err);
  if (self.told_) self.told_(message->_private);
}

void RawProducer::produce(std::string_view body, void* opaque, std::int32_t partition,
                          std::string_view key) {
  while (rd_kafka_produce(topic_.get(), partition, RD_KAFKA_MSG_F_COPY,
                          const_cast<char*>(body.data()), body.size(),
                          key.empty() ? nullptr : key.data(), key.size(), opaque) != 0) {
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      check(rd_kafka_last_error(), "producing");
    poll(std::chrono::milliseconds(100));
  }
}

void RawProducer::poll(std::chrono::milliseconds wait) {
  rd_kafka_poll(client_.get(), static_cast<int>(wait.count()));
  if (!failure_.empty()) throw std::runtime_error("a record was not stored: " + failure_);
}

void RawProducer::flush() {
  check(rd_kafka_flush(client_.get(), kPatienceMs), "waiting for confirmations");
  poll(std::chrono::milliseconds(0));
}

RawConsumer::RawConsumer(const std::string& url)
    : client_(make(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers_of(url)},
                                       {"group.id", "bench"},
                                       {"enable.auto.commit", "false"},
                                       {"auto.offset.reset", "earliest"},
                                       {"fetch.wait.max.ms", fetch_wait_ms(url)}})),
      queue_(nullptr, rd_kafka_queue_destroy) {
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
}

RawConsumer::~RawConsumer() {
  queue_.reset();
  rd_kafka_consumer_close(client_.get());
}

void RawConsumer::read_from_begin(const std::string& topic, int partitions) {
  auto* const list = rd_kafka_topic_partition_list_new(partitions);
  for (int partition = 0; partition < partitions; ++partition)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client_.get(), nullptr);
  const auto error = rd_kafka_assign(client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  check(error, "reading from the beginning");
}

void RawConsumer::read_from_end(const std::string& topic) {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  check(
      rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), 0, &begin, &end, kPatienceMs),
      "asking for the end");
  auto* const list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = end;
  const auto error = rd_kafka_assign(client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  check(error, "reading from the end");
}

KafkaRecord RawConsumer::next() {
  for (;;) {
    KafkaRecord record(rd_kafka_consumer_poll(client_.get(), kPatienceMs),
                       rd_kafka_message_destroy);
    if (!record) throw std::runtime_error("no record has come");
    if (record->err == RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  }
}

std::size_t RawConsumer::take(rd_kafka_message_t** records, std::size_t most) {
  const auto count = rd_kafka_consume_batch_queue(queue_.get(), kPatienceMs, records, most);
  if (count <= 0) throw std::runtime_error("no record has come");
  return static_cast<std::size_t>(count);
}

}  // namespace bench
