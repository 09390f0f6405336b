// SPDX-License-Identifier: Apache-2.0
#include "topic.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

#include "errors.hpp"
#include "gantry/deadline.hpp"
#include "gantry/log.hpp"
#include "handles.hpp"

namespace gantry::kafka {
namespace {

using std::chrono::milliseconds;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Releaser<rd_kafka_metadata_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Releaser<rd_kafka_NewTopic_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Releaser<rd_kafka_AdminOptions_destroy>>;

int whole(milliseconds limit) {
  return static_cast<int>(std::max<milliseconds::rep>(limit.count(), 1));
}

std::string entity(const std::string& name) { return fmt::format("topic '{}'", printable(name)); }

}  // namespace

void Topic::establish(rd_kafka_t* client, milliseconds limit) {
  const auto deadline = Deadline::after(limit);
  if (look_up(client, limit)) return;
  if (!plan_.create)
    std::rethrow_exception(
        refusal(entity(plan_.name), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, entity(plan_.name)));
  create(client, std::chrono::duration_cast<milliseconds>(deadline.remaining()));
  if (!look_up(client, limit))
    throw Unreachable(fmt::format("{} was created and is not there yet", entity(plan_.name)));
}

// False when it does not exist. A broker may be set to create what it is asked for.
bool Topic::look_up(rd_kafka_t* client, milliseconds limit) {
  const auto what = fmt::format("asking for {}", entity(plan_.name));
  const TopicHandle topic(rd_kafka_topic_new(client, plan_.name.c_str(), nullptr));
  if (!topic) throw_if(rd_kafka_last_error(), what, entity(plan_.name));
  const rd_kafka_metadata_t* answer = nullptr;
  throw_if(rd_kafka_metadata(client, 0, topic.get(), &answer, whole(limit)), what);
  const Metadata metadata(answer);
  if (metadata->topic_cnt != 1) throw Unreachable(what + ": the answer does not name it");
  const auto& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  throw_if(found.err, what, entity(plan_.name));
  // librdkafka does not ask again for a leader that it believes to be missing.
  for (const auto& each :
       std::span(found.partitions, static_cast<std::size_t>(found.partition_cnt)))
    if (each.leader < 0) throw Unreachable(what + ": a partition has no leader yet");
  if (found.partition_cnt == 0) return false;
  await_leaders(client, found.partition_cnt, limit);
  partitions_ = found.partition_cnt;
  return true;
}

// A topic is known a little before the leaders of its partitions take records. A record that they
// refused in that moment would be in doubt, where they have taken the next one (ProducerSession).
void Topic::await_leaders(rd_kafka_t* client, int partitions, milliseconds limit) const {
  const auto list = no_partitions();
  for (int partition = 0; partition < partitions; ++partition)
    rd_kafka_topic_partition_list_add(list.get(), plan_.name.c_str(), partition)->offset = 0;
  const auto what = fmt::format("asking the leaders of {}", entity(plan_.name));
  const auto name = entity(plan_.name);
  throw_if_of_known_topic(rd_kafka_offsets_for_times(client, list.get(), whole(limit)), what, name);
  for (const auto& each : std::span(list->elems, static_cast<std::size_t>(list->cnt)))
    throw_if_of_known_topic(each.err, what, name);
}

// Another client may do so at the same time.
void Topic::create(rd_kafka_t* client, milliseconds limit) const {
  std::array<char, 512> error{};
  const NewTopic topic(rd_kafka_NewTopic_new(plan_.name.c_str(), plan_.partitions, kBrokersDefault,
                                             error.data(), error.size()));
  if (!topic) throw InvalidArgument(fmt::format("{}: {}", entity(plan_.name), error.data()));
  if (plan_.broker_sets_time)
    rd_kafka_NewTopic_set_config(topic.get(), "message.timestamp.type", "LogAppendTime");
  if (plan_.longest_record > 0)
    rd_kafka_NewTopic_set_config(topic.get(), "max.message.bytes",
                                 std::to_string(plan_.longest_record).c_str());
  const AdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), whole(limit), nullptr, 0);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), whole(limit), nullptr, 0);
  const Queue queue(rd_kafka_queue_new(client));
  auto* wanted = topic.get();
  rd_kafka_CreateTopics(client, &wanted, 1, options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), whole(limit) + 1000));
  const auto what = fmt::format("creating {}", entity(plan_.name));
  if (!event) throw Unreachable(what + ": no broker has answered");
  throw_if(rd_kafka_event_error(event.get()), what, entity(plan_.name));
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto result = rd_kafka_topic_result_error(results[i]);
    if (result != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      throw_if(result, what, entity(plan_.name));
  }
}

std::shared_ptr<Topic> Topics::of(const Topic::Plan& plan) {
  const std::lock_guard lock(mutex_);
  auto& topic = topics_[plan.name];
  if (!topic) topic = std::make_shared<Topic>(plan);
  return topic;
}

}  // namespace gantry::kafka
