// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::test {

// librdkafka's mock cluster within the test, which brings about what goes wrong. One broker.
class MockCluster {
 public:
  std::string url() const {
    return std::string("kafka://") + rd_kafka_mock_cluster_bootstraps(cluster_.get()) + "/";
  }
  void create(const std::string& topic, int partitions = 1) {
    rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), partitions, 1);
  }
  // Its first partition has no leader, or has one again.
  void orphan(const std::string& topic) { lead(topic, -1); }
  void lead(const std::string& topic, int broker = 1) {
    rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), 0, broker);
  }
  void answer_late(std::chrono::milliseconds late) {
    rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, static_cast<int>(late.count()));
  }
  void down() { rd_kafka_mock_broker_set_down(cluster_.get(), 1); }
  void up() { rd_kafka_mock_broker_set_up(cluster_.get(), 1); }
  // The next requests of that kind (the protocol's number) fail.
  void fail(std::int16_t request, rd_kafka_resp_err_t error, std::size_t times) {
    const std::vector<rd_kafka_resp_err_t> errors(times, error);
    rd_kafka_mock_push_request_errors_array(cluster_.get(), request, times, errors.data());
  }

 private:
  template <auto release>
  struct Release {
    template <class T>
    void operator()(T* owned) const {
      release(owned);
    }
  };

  std::unique_ptr<rd_kafka_t, Release<rd_kafka_destroy>> host_{
      rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)};
  std::unique_ptr<rd_kafka_mock_cluster_t, Release<rd_kafka_mock_cluster_destroy>> cluster_{
      rd_kafka_mock_cluster_new(host_.get(), 1)};
};

}  // namespace gantry::test
