// SPDX-License-Identifier: Apache-2.0
#include "producer_session.hpp"

#include <array>
#include <memory>
#include <utility>

#include "client.hpp"
#include "errors.hpp"
#include "names.hpp"

namespace gantry::kafka {
namespace {

constexpr int kIdlePollMs = 1000;
constexpr int kPurgeMs = 1000;

// Null where there are none: most notifications have no headers.
RecordHeaders headers_of(const Outgoing& outgoing) {
  const auto headers = outgoing.headers();
  if (headers.empty()) return nullptr;
  RecordHeaders made(rd_kafka_headers_new(headers.size()));
  for (const auto& [name, value] : headers)
    rd_kafka_header_add(made.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  return made;
}

// librdkafka neither copies nor frees what is written to it.
void* borrowed(const std::string& text) { return const_cast<char*>(text.data()); }

}  // namespace

ProducerSession::ProducerSession(const Settings& settings, Observer& observer)
    : observer_(observer) {
  ClientConf conf(settings, settings.producer, this);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  // The one that holds what the settings say of topics.
  auto* const topics = rd_kafka_conf_get_default_topic_conf(conf.get());
  rd_kafka_topic_conf_set_opaque(topics, this);
  rd_kafka_topic_conf_set_partitioner_cb(topics, partition_of);
  client_ = std::move(conf).make(RD_KAFKA_PRODUCER);
  events_.reset(rd_kafka_queue_get_main(client_.get()));
  thread_ = std::jthread([this] { serve(); });
}

ProducerSession::~ProducerSession() {
  finish(std::chrono::milliseconds(0));
  stopping_ = true;
  rd_kafka_queue_yield(events_.get());
  thread_.join();
}

void ProducerSession::serve() {
  while (!stopping_) rd_kafka_poll(client_.get(), kIdlePollMs);
}

void ProducerSession::keep_topic(const std::string& name) {
  if (topics_.contains(name)) return;
  if (TopicHandle topic{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)})
    topics_.emplace(name, std::move(topic));
}

rd_kafka_resp_err_t ProducerSession::produce(const OutgoingPtr& outgoing) {
  const auto& content = outgoing->content();
  auto headers = headers_of(*outgoing);
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = content.topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = content.partition;
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {borrowed(content.body), content.body.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[3].u.ptr = outgoing.get();
  parts[4].vtype = RD_KAFKA_VTYPE_KEY;
  parts[4].u.mem = {content.key.empty() ? nullptr : borrowed(content.key), content.key.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = headers.get();
  outgoing->hand_out(outgoing);
  rd_kafka_error_t* const error =
      rd_kafka_produceva(client_.get(), parts.data(), parts.size() - (headers ? 0 : 1));
  if (error != nullptr) {
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    static_cast<void>(outgoing->take_back());
    return code;
  }
  static_cast<void>(headers.release());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void ProducerSession::finish(std::chrono::milliseconds limit) {
  const auto left = rd_kafka_flush(client_.get(), static_cast<int>(limit.count()));
  if (left == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_.get(), kPurgeMs);
}

// Without an offset no broker said that it has the record: librdkafka concludes so once one has a
// later record of the partition. But a broker that does not know the producer yet takes any first
// record, also the second where it has just refused the first.
void ProducerSession::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& observer = static_cast<ProducerSession*>(self)->observer_;
  const OutgoingPtr outgoing = static_cast<Outgoing*>(message->_private)->take_back();
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return observer.delivered(outgoing, message->err, rd_kafka_message_status(message));
  if (message->offset < 0)
    return observer.delivered(outgoing, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED);
  outgoing->note_stored({message->partition, message->offset});
  observer.delivered(outgoing, message->err, RD_KAFKA_MSG_STATUS_PERSISTED);
}

void ProducerSession::on_error(rd_kafka_t* client, int error, const char* reason, void* self) {
  auto code = static_cast<rd_kafka_resp_err_t>(error);
  std::string text = reason;
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> original{};
    rd_kafka_fatal_error(client, original.data(), original.size());
    text = original.data();
  }
  static_cast<ProducerSession*>(self)->observer_.failed(code, text);
}

// A partition that has no leader just now is not avoided: order matters more.
std::int32_t ProducerSession::partition_of(const rd_kafka_topic_t*, const void*, std::size_t,
                                           std::int32_t partitions, void* opaque, void* outgoing) {
  auto& self = *static_cast<ProducerSession*>(opaque);
  const auto& key = static_cast<const Outgoing*>(outgoing)->content().order_key;
  const auto place = key.empty() ? self.turn_++ : stable_hash(key);
  return static_cast<std::int32_t>(place % static_cast<std::uint64_t>(partitions));
}

}  // namespace gantry::kafka
