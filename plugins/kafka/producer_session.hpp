// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "handles.hpp"
#include "outgoing.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// One librdkafka producer, from its making to its end: a fatal error ends it, and another follows.
class ProducerSession {
 public:
  // What the producer says. Called by the session's thread, and by whoever flushes it.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void delivered(const OutgoingPtr& outgoing, rd_kafka_resp_err_t error,
                           rd_kafka_msg_status_t status) = 0;
    virtual void failed(rd_kafka_resp_err_t error, const std::string& reason) = 0;
  };

  // Opens no connection. Throws ConfigurationError.
  ProducerSession(const Settings& settings, Observer& observer);
  ProducerSession(const ProducerSession&) = delete;
  ~ProducerSession();

  rd_kafka_t* client() const noexcept { return client_.get(); }

  // What a topic's partitions are is then remembered: the first record need not wait for them.
  // [one thread at a time]
  void keep_topic(const std::string& name);

  // Hands a record over; the observer is told of its end exactly when this returns no error. [any
  // thread]
  rd_kafka_resp_err_t produce(const OutgoingPtr& outgoing);

  // Whether this is the session's thread, which tells of ends.
  bool on_own_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

  // Waits until all that was handed over has ended; what has not by then ends as purged.
  void finish(std::chrono::milliseconds limit);

 private:
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* self);
  static std::int32_t partition_of(const rd_kafka_topic_t* topic, const void* key,
                                   std::size_t key_bytes, std::int32_t partitions, void* opaque,
                                   void* outgoing);
  void serve();

  Observer& observer_;
  Client client_;
  std::map<std::string, TopicHandle, std::less<>> topics_;
  Queue events_;
  std::atomic<std::uint64_t> turn_ = 0;  // of the partitions
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace gantry::kafka
