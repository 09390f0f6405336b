// SPDX-License-Identifier: Apache-2.0
#include "mock_cluster.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "errors.hpp"
#include "listeners.hpp"

namespace gantry::cli {
namespace {

constexpr int kMostReplicas = 3;

[[noreturn]] void refuse(const std::string& what) { throw CommandError(ExitCode::failed, what); }

void check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) refuse(what + ": " + rd_kafka_err2str(error));
}

rd_kafka_t* new_handle() {
  std::array<char, 512> why{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // Only what goes wrong: that it has no broker to connect to is as it should be.
  rd_kafka_conf_set(conf, "log_level", "3", why.data(), why.size());
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  if (handle == nullptr) refuse(std::string("librdkafka does not start: ") + why.data());
  return handle;
}

rd_kafka_mock_cluster_t* new_cluster(rd_kafka_t* handle, int brokers) {
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(handle, brokers);
  if (cluster == nullptr) {
    refuse("librdkafka cannot make a cluster of " + std::to_string(brokers) + " brokers");
  }
  return cluster;
}

}  // namespace

MockCluster::MockCluster(int brokers)
    : brokers_(brokers), handle_(new_handle()), cluster_(new_cluster(handle_.get(), brokers)) {
  answer_at_once();
}

std::string MockCluster::url() const {
  return std::string("kafka://") + rd_kafka_mock_cluster_bootstraps(cluster_.get()) + '/';
}

void MockCluster::create_topic(const std::string& name, int partitions) {
  const int replicas = std::min(brokers_, kMostReplicas);
  check(rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, replicas),
        "the topic '" + name + "'");
}

void MockCluster::set_topic_error(const std::string& name, rd_kafka_resp_err_t error) {
  rd_kafka_mock_topic_set_error(cluster_.get(), name.c_str(), error);
}

void MockCluster::set_leader(const std::string& topic, int partition, int broker) {
  check(rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), partition, broker),
        "partition " + std::to_string(partition) + " of the topic '" + topic + "'");
}

void MockCluster::set_coordinator(const std::string& group, int broker) {
  check(rd_kafka_mock_coordinator_set(cluster_.get(), "group", group.c_str(), broker),
        "the group '" + group + "'");
}

void MockCluster::push_errors(std::int16_t request, rd_kafka_resp_err_t error, std::size_t count) {
  const std::vector<rd_kafka_resp_err_t> errors(count, error);
  rd_kafka_mock_push_request_errors_array(cluster_.get(), request, errors.size(), errors.data());
}

void MockCluster::clear_errors(std::int16_t request) {
  rd_kafka_mock_clear_request_errors(cluster_.get(), request);
}

void MockCluster::set_down(int broker) {
  check(rd_kafka_mock_broker_set_down(cluster_.get(), broker), "down");
}

void MockCluster::set_up(int broker) {
  check(rd_kafka_mock_broker_set_up(cluster_.get(), broker), "up");
}

void MockCluster::set_rtt(int broker, std::chrono::milliseconds rtt) {
  check(rd_kafka_mock_broker_set_rtt(cluster_.get(), broker, static_cast<int>(rtt.count())), "rtt");
}

}  // namespace gantry::cli
