// SPDX-License-Identifier: Apache-2.0
#include "group_register.hpp"

#include <fmt/format.h>

#include "client.hpp"
#include "errors.hpp"

namespace gantry::kafka {
namespace {

using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Releaser<rd_kafka_AdminOptions_destroy>>;
using GroupQuery = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                   Releaser<rd_kafka_ListConsumerGroupOffsets_destroy>>;

constexpr int kLongestMs = 3'600'000;  // that librdkafka takes

bool has_position(const rd_kafka_group_result_t* group, const std::string& what) {
  if (const auto* const error = rd_kafka_group_result_error(group))
    throw_if(rd_kafka_error_code(error), what);
  const auto* const positions = rd_kafka_group_result_partitions(group);
  if (positions == nullptr || positions->cnt == 0) return false;
  const auto& position = positions->elems[0];
  if (position.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  throw_if(position.err, what);
  return position.offset >= 0;
}

}  // namespace

bool GroupRegister::knows(const RpcAddress& where, std::chrono::milliseconds limit) {
  if (answer_ && group_ != where.group) drop_question();
  if (!answer_) ask(where);
  const auto what = fmt::format("asking who listens on {}", where.group);
  const Event event(rd_kafka_queue_poll(answer_.get(), static_cast<int>(limit.count())));
  if (!event) throw Unreachable(what + ": no broker has answered");
  answer_.reset();
  throw_if(rd_kafka_event_error(event.get()), what);
  std::size_t count = 0;
  const auto* const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  return count == 1 && has_position(groups[0], what);
}

void GroupRegister::ask(const RpcAddress& where) {
  if (!client_) client_ = ClientConf(*settings_, {}, nullptr).make(RD_KAFKA_PRODUCER);
  const auto positions = no_partitions();
  rd_kafka_topic_partition_list_add(positions.get(), where.topic.c_str(), 0);
  const GroupQuery query(
      rd_kafka_ListConsumerGroupOffsets_new(where.group.c_str(), positions.get()));
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kLongestMs, nullptr, 0);
  answer_.reset(rd_kafka_queue_new(client_.get()));
  auto* asked = query.get();
  rd_kafka_ListConsumerGroupOffsets(client_.get(), &asked, 1, options.get(), answer_.get());
  group_ = where.group;
}

void GroupRegister::drop_question() noexcept {
  if (!answer_) return;
  answer_.reset();
  client_.reset();
}

}  // namespace gantry::kafka
