// SPDX-License-Identifier: Apache-2.0
#include "directory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "errors.hpp"
#include "gantry/log.hpp"
#include "handles.hpp"

namespace gantry::kafka {
namespace {

using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Releaser<rd_kafka_AdminOptions_destroy>>;
using GroupQuery = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                   Releaser<rd_kafka_ListConsumerGroupOffsets_destroy>>;

// Of partition 0, where a listener commits before anything else.
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

bool somebody_listened(rd_kafka_t* client, const RpcAddress& where, int limit_ms) {
  const auto what = fmt::format("asking who listens on {}", where.group);
  const auto positions = no_partitions();
  rd_kafka_topic_partition_list_add(positions.get(), where.topic.c_str(), 0);
  const GroupQuery query(
      rd_kafka_ListConsumerGroupOffsets_new(where.group.c_str(), positions.get()));
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), limit_ms, nullptr, 0);
  const Queue queue(rd_kafka_queue_new(client));
  auto* asked = query.get();
  rd_kafka_ListConsumerGroupOffsets(client, &asked, 1, options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), limit_ms + 1000));
  if (!event) throw Unreachable(what + ": no broker has answered");
  throw_if(rd_kafka_event_error(event.get()), what);
  std::size_t count = 0;
  const auto* const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  return count == 1 && has_position(groups[0], what);
}

}  // namespace

void Inhabited::establish(rd_kafka_t* client, std::chrono::milliseconds limit) {
  const auto limit_ms = static_cast<int>(std::max<std::int64_t>(limit.count(), 1));
  if (!somebody_listened(client, where_, limit_ms))
    throw MessageUndeliverable(
        fmt::format("nobody has ever listened on {} in exchange {}; start its server first",
                    printable(address_.name()), printable(address_.exchange)),
        address_.exchange, address_.name());
  known_ = true;
}

std::shared_ptr<Inhabited> Directory::of(const Address& address, const RpcAddress& where) {
  const std::lock_guard lock(mutex_);
  auto& known = known_[where.group];
  if (!known) known = std::make_shared<Inhabited>(address, where);
  return known;
}

}  // namespace gantry::kafka
