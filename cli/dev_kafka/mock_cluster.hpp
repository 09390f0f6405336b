// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace gantry::cli {

inline constexpr int kEveryBroker = -1;
inline constexpr int kNoBroker = -1;

// librdkafka's mock cluster: brokers in this process, numbered from 1, each on a port of loopback
// of its own, which clients of any process reach. All is in memory and gone with the object. What
// librdkafka refuses is thrown as a CommandError. [owner]
class MockCluster {
 public:
  explicit MockCluster(int brokers);

  // kafka:// with each broker in the order of their numbers.
  std::string url() const;
  int brokers() const noexcept { return brokers_; }

  // Topics that nobody created have 4 partitions.
  void create_topic(const std::string& name, int partitions);
  // What is told to whoever asks for the topic's metadata.
  void set_topic_error(const std::string& name, rd_kafka_resp_err_t error);
  // A partition has no leader with kNoBroker.
  void set_leader(const std::string& topic, int partition, int broker);
  void set_coordinator(const std::string& group, int broker);

  // The next `count` requests of that kind (Kafka's API key) fail.
  void push_errors(std::int16_t request, rd_kafka_resp_err_t error, std::size_t count);
  void clear_errors(std::int16_t request);

  // Of one broker, or of all with kEveryBroker.
  void set_down(int broker);
  void set_up(int broker);
  void set_rtt(int broker, std::chrono::milliseconds rtt);

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const noexcept { rd_kafka_destroy(handle); }
    void operator()(rd_kafka_mock_cluster_t* cluster) const noexcept {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };

  const int brokers_;
  // What librdkafka keeps its books in; it connects to nothing.
  const std::unique_ptr<rd_kafka_t, Destroy> handle_;
  const std::unique_ptr<rd_kafka_mock_cluster_t, Destroy> cluster_;
};

}  // namespace gantry::cli
