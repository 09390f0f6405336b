// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace gantry::kafka {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* owned) const noexcept {
    release(owned);
  }
};

// Its consumer was closed before, or never joined a group.
inline void destroy_client(rd_kafka_t* client) noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

inline void release_text(char* text) noexcept { rd_kafka_mem_free(nullptr, text); }

// librdkafka's objects, each with its owner. All of a client's others go before the client.
using Client = std::unique_ptr<rd_kafka_t, Releaser<destroy_client>>;
using Conf = std::unique_ptr<rd_kafka_conf_t, Releaser<rd_kafka_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Releaser<rd_kafka_topic_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Releaser<rd_kafka_topic_partition_list_destroy>>;
using Received = std::unique_ptr<rd_kafka_message_t, Releaser<rd_kafka_message_destroy>>;
using RecordHeaders = std::unique_ptr<rd_kafka_headers_t, Releaser<rd_kafka_headers_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Releaser<rd_kafka_queue_destroy>>;
using Text = std::unique_ptr<char, Releaser<release_text>>;
using Event = std::unique_ptr<rd_kafka_event_t, Releaser<rd_kafka_event_destroy>>;

inline Partitions no_partitions() { return Partitions(rd_kafka_topic_partition_list_new(4)); }

}  // namespace gantry::kafka
