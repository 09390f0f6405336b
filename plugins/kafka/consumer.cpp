// SPDX-License-Identifier: Apache-2.0
#include "consumer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client.hpp"
#include "errors.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "gantry/log.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{1000};
constexpr milliseconds kShortPause{500};
// How long the first attempt to reach a broker takes at most, each later one being twice as patient
// as the one before it, and the pause before the next.
constexpr milliseconds kAttempt{800};
constexpr milliseconds kPause{100};
// How long a broker that was reached may take to answer.
constexpr milliseconds kAnswer{5000};
// How long leaving may take; librdkafka gives its last request as long as that.
constexpr milliseconds kFarewell = kAnswer + kIdle;

Partitions list_of(std::span<const Position> positions) {
  auto list = no_partitions();
  for (const auto& [partition, offset] : positions)
    rd_kafka_topic_partition_list_add(list.get(), partition.first.c_str(), partition.second)
        ->offset = offset;
  return list;
}

std::vector<Partition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<Partition> partitions;
  for (const auto& each : std::span(list.elems, static_cast<std::size_t>(list.cnt)))
    partitions.emplace_back(each.topic, each.partition);
  return partitions;
}

ClientSettings settings_of(const Settings& settings, const Membership& membership) {
  const auto& group = membership.group;
  auto own = settings.consumer;
  own["auto.offset.reset"] = membership.offset_reset;
  own["partition.assignment.strategy"] = membership.assignors;
  // librdkafka wants one, also where nothing is ever committed.
  own["group.id"] = group.empty() ? settings.rpc_prefix + ".by-hand" : group;
  return own;
}

// Where a group begins that has committed nothing; librdkafka is to know it where a user has told
// it.
std::int64_t without_commit(const Settings& settings, const Membership& membership) {
  if (settings.overrides.contains("auto.offset.reset")) return RD_KAFKA_OFFSET_INVALID;
  return membership.offset_reset == "earliest" ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
}

}  // namespace

Consumer::Consumer(const Settings& settings, Reader& reader, const Membership& membership)
    : reader_(reader),
      most_records_(settings.max_poll_records),
      cooperative_(membership.assignors == assignors::kCooperative),
      without_commit_(without_commit(settings, membership)) {
  ClientConf conf(settings, settings_of(settings, membership), this);
  rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  client_ = std::move(conf).make(RD_KAFKA_CONSUMER);
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  commits_.reset(rd_kafka_queue_new(client_.get()));
}

Consumer::~Consumer() {
  stop();
  if (is_gone_) return;
  log(LogLevel::warning, fmt::format("kafka: {}: was ended before its group or a broker has "
                                     "answered; what librdkafka {} holds for it is never released",
                                     reader_.purpose(), rd_kafka_version_str()));
  static_cast<void>(client_.release());
}

void Consumer::start() {
  follows_pause_ = paused_;  // a member joins only while it polls
  thread_ = std::jthread([this] { read(); });
}

void Consumer::require(Precondition& need, Deadline deadline) {
  if (need.holds()) return;
  insist(deadline, [&](milliseconds limit) { need.establish(client_.get(), limit); });
}

// Until it does not end with Unreachable any more.
void Consumer::insist(Deadline deadline, const std::function<void(milliseconds)>& attempt) {
  for (auto limit = kAttempt;; limit = std::min(2 * limit, kAnswer)) {
    try {
      attempt(std::chrono::ceil<milliseconds>(
          std::min<Deadline::Clock::duration>(deadline.remaining(), limit)));
      const std::lock_guard lock(mutex_);
      return refusals_.broker_answered();
    } catch (const Unreachable& error) {
      fail(std::make_exception_ptr(TransportDriverError(error.what())), false);
    }
    std::unique_lock lock(mutex_);
    std::min(deadline, Deadline::after(kPause)).wait(changed_, lock, [&] { return refused_; });
    if (refused_) std::rethrow_exception(failure_);
    if (deadline.expired()) time_out();
  }
}

void Consumer::read_on(const Partition& partition, Deadline deadline) {
  insist(deadline, [&](milliseconds) { assign({partition, extent(partition).second}); });
}

void Consumer::subscribe(const std::vector<std::string>& topics) {
  const auto list = no_partitions();
  for (const auto& topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  throw_if(rd_kafka_subscribe(client_.get(), list.get()), std::string(reader_.purpose()));
}

void Consumer::assign(const Position& position) {
  throw_if(rd_kafka_assign(client_.get(), list_of({&position, 1}).get()),
           std::string(reader_.purpose()));
  ready(true);
}

void Consumer::wait_ready(Deadline deadline) {
  std::unique_lock lock(mutex_);
  deadline.wait(changed_, lock, [this] { return ready_ || refused_; });
  if (ready_) return;
  if (refused_) std::rethrow_exception(failure_);
  time_out();
}

void Consumer::wait_share(Deadline deadline) {
  std::unique_lock lock(mutex_);
  deadline.wait(changed_, lock, [this] { return has_share_ || refused_; });
}

// With the lock held.
void Consumer::time_out() const {
  if (refusals_.has_any()) std::rethrow_exception(refusals_.error(std::string(reader_.purpose())));
  const auto reason = failure_ ? text_of(failure_) : std::string("no broker has answered");
  throw MessagingTimeout(fmt::format("{}: not subscribed in time: {}", reader_.purpose(), reason),
                         TimeoutCause::connecting);
}

void Consumer::wake() noexcept {
  const std::lock_guard lock(wake_mutex_);
  awake_ = true;
  woken_.notify_all();
  rd_kafka_queue_yield(queue_.get());
}

// librdkafka waits for the end of what it has asked a broker, for minutes where that does not
// answer. It goes on with that by itself when it is left; to destroy it would wait as well.
void Consumer::close() {
  constexpr int step_ms = 50;
  const auto limit = Deadline::after(kFarewell);
  const Queue events(rd_kafka_queue_new(client_.get()));
  rd_kafka_error_destroy(rd_kafka_consumer_close_queue(client_.get(), events.get()));
  const auto is_closed = [this] { return rd_kafka_consumer_closed(client_.get()) != 0; };
  while (!is_closed() && !limit.expired()) {
    const Event event(rd_kafka_queue_poll(events.get(), step_ms));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE)
      rebalance(rd_kafka_event_error(event.get()),
                rd_kafka_event_topic_partition_list(event.get()));
  }
  is_gone_ = is_gone_ && is_closed();
}

bool Consumer::rest(milliseconds time) {
  std::unique_lock lock(wake_mutex_);
  Deadline::after(time).wait(woken_, lock, [this] { return stopping_.load(); });
  return !stopping_;
}

void Consumer::ask_stop() noexcept {
  stopping_ = true;
  wake();
}

void Consumer::set_paused(bool paused) noexcept {
  paused_ = paused;
  wake();
}

void Consumer::stop() {
  ask_stop();
  if (!thread_.joinable()) return;
  thread_.join();
}

void Consumer::read() {
  while (!stopping_) {
    reader_.turn();
    if (sit_out_pause()) continue;
    follow_pause();
    if (stopping_) break;
    if (auto records = poll(); !records.empty()) reader_.take(std::move(records));
  }
  finish_joining();
  reader_.closing();
  close();
}

// In librdkafka before 2.3.0 an assertion ends the process that destroys a cooperative member which
// its group has taken in and given no partitions yet (its issue 4312). That is a matter of moments,
// which are waited for; where the brokers do not answer, the member is left and not destroyed.
void Consumer::finish_joining() {
  constexpr milliseconds longest{2000};
  constexpr int step_ms = 50;
  const auto limit = Deadline::after(longest);
  while (is_half_joined() && !limit.expired())
    const Received ignored(rd_kafka_consumer_poll(client_.get(), step_ms));
  is_gone_ = !is_half_joined();
}

bool Consumer::is_half_joined() {
  constexpr int mended = 0x02030000;
  if (!cooperative_ || rd_kafka_version() >= mended) return false;
  {
    const std::lock_guard lock(mutex_);
    if (ready_) return false;
  }
  const Text id(rd_kafka_memberid(client_.get()));
  return id != nullptr && *id != '\0';
}

// Waits for a first one until a turn is due, then takes what is there.
std::vector<Received> Consumer::poll() {
  const auto left = std::min<Deadline::Clock::duration>(reader_.due().remaining(), kIdle);
  auto wait = static_cast<int>(std::chrono::ceil<milliseconds>(left).count());
  while (gathered_.size() < most_records_) {
    Received message(rd_kafka_consumer_poll(client_.get(), std::exchange(wait, 0)));
    if (!message) break;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      gathered_.push_back(std::move(message));
    } else {
      note(*message);
    }
  }
  return std::exchange(gathered_, {});
}

// Partitions may go between two records of one poll: those before are their next owner's too.
void Consumer::drop_gathered(const rd_kafka_topic_partition_list_t& partitions) {
  const auto gone = partitions_of(partitions);
  std::erase_if(gathered_, [&](const Received& record) {
    return std::ranges::find(gone, partition_of(*record)) != gone.end();
  });
}

void Consumer::note(const rd_kafka_message_t& message) {
  on_error(client_.get(), message.err, rd_kafka_message_errstr(&message), this);
}

void Consumer::on_error(rd_kafka_t*, int error, const char* reason, void* opaque) {
  auto& self = *static_cast<Consumer*>(opaque);
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  const auto what = fmt::format("{}: {}", self.reader_.purpose(), printable(reason));
  self.note_refusal(code, reason);
  // A topic that was just created may be missing for a moment.
  const bool passing = is_transient(code) || is_distrust(code, reason) ||
                       code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                       code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED ||
                       code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
  self.fail(refusal(what, code), !passing);
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT) return;  // of each of several brokers
  log(LogLevel::warning, fmt::format("kafka: {} ({})", what, text_of(code)));
}

void Consumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t error,
                            rd_kafka_topic_partition_list_t* partitions, void* self) {
  static_cast<Consumer*>(self)->rebalance(error, partitions);
}

void Consumer::rebalance(rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions) {
  const bool assigned = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (assigned) {
    begin(*partitions);
  } else {
    const bool lost = rd_kafka_assignment_lost(client_.get()) != 0;
    if (lost)
      log(LogLevel::warning,
          fmt::format("kafka: {}: the group has gone on without this member, which joins again",
                      reader_.purpose()));
    drop_gathered(*partitions);
    reader_.revoked(partitions_of(*partitions), lost);
    // One that is paused when it goes would come back so.
    if (follows_pause_) rd_kafka_resume_partitions(client_.get(), partitions);
  }
  const auto failure = follow(assigned, *partitions);
  if (!failure.empty()) {
    log(LogLevel::warning, fmt::format("kafka: {}: rebalancing: {}", reader_.purpose(), failure));
  } else if (assigned) {
    if (follows_pause_) rd_kafka_pause_partitions(client_.get(), partitions);
    ready(partitions->cnt > 0);
  }
}

// The partitions that are named come or go. The others stay; where the group does not cooperate
// there are no others. Returns what went wrong.
std::string Consumer::follow(bool assigned, const rd_kafka_topic_partition_list_t& partitions) {
  auto* const client = client_.get();
  if (!cooperative_) {
    const auto error = rd_kafka_assign(client, assigned ? &partitions : nullptr);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : text_of(error);
  }
  rd_kafka_error_t* const error = assigned ? rd_kafka_incremental_assign(client, &partitions)
                                           : rd_kafka_incremental_unassign(client, &partitions);
  if (error == nullptr) return {};
  std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return text;
}

void Consumer::begin(rd_kafka_topic_partition_list_t& partitions) {
  std::vector<Position> positions;
  for (auto& partition : partitions_of(partitions))
    positions.push_back({std::move(partition), RD_KAFKA_OFFSET_INVALID});
  reader_.assigned(positions);
  look_up_beginnings(positions);
  for (std::size_t i = 0; i < positions.size(); ++i)
    partitions.elems[i].offset = positions[i].offset;
}

// Who is told where to begin does so within the call that assigns. Otherwise librdkafka asks first,
// and a pause or a resumption that comes in the moment of the answer may overtake the beginning,
// which it drops then: it would not read that partition before the group moves again.
void Consumer::look_up_beginnings(std::span<Position> positions) try {
  const auto is_open = [](const Position& each) { return each.offset == RD_KAFKA_OFFSET_INVALID; };
  if (std::ranges::none_of(positions, is_open)) return;
  std::vector<Position> committed(positions.begin(), positions.end());
  look_up_committed(committed);
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (is_open(positions[i]))
      positions[i].offset = is_open(committed[i]) ? without_commit_ : committed[i].offset;
} catch (const std::exception& error) {
  log(LogLevel::info, fmt::format("kafka: {}: librdkafka is to ask where to begin: {}",
                                  reader_.purpose(), error.what()));
}

// A short pause costs nothing: what librdkafka has fetched is left with it. To pause partitions
// throws that away, and to resume them waits for another fetch. False when that has to be, or
// nothing is paused.
bool Consumer::sit_out_pause() {
  if (!paused_ || follows_pause_) {
    sitting_since_.reset();
    return false;
  }
  if (!sitting_since_) sitting_since_ = Deadline::Clock::now();
  const Deadline limit(*sitting_since_ + kShortPause);
  if (limit.expired()) return false;
  std::unique_lock lock(wake_mutex_);
  std::min(limit, reader_.due()).wait(woken_, lock, [this] {
    return awake_ || !paused_ || stopping_;
  });
  awake_ = false;
  return true;
}

void Consumer::follow_pause() {
  if (paused_ == follows_pause_) return;
  follows_pause_ = paused_;
  rd_kafka_topic_partition_list_t* owned = nullptr;
  if (rd_kafka_assignment(client_.get(), &owned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const Partitions partitions(owned);
  if (follows_pause_) {
    rd_kafka_pause_partitions(client_.get(), partitions.get());
  } else {
    rd_kafka_resume_partitions(client_.get(), partitions.get());
  }
}

void Consumer::fail(std::exception_ptr failure, bool final) {
  const std::lock_guard lock(mutex_);
  if (refused_) return;
  failure_ = std::move(failure);
  refused_ = final;
  changed_.notify_all();
}

void Consumer::note_refusal(rd_kafka_resp_err_t error, std::string_view reason) {
  std::unique_lock lock(mutex_);
  refusals_.note(error, reason);
  if (!refusals_.are_final()) return;
  const auto failure = refusals_.error(std::string(reader_.purpose()));
  lock.unlock();
  fail(failure, true);
}

void Consumer::ready(bool has_share) {
  const std::lock_guard lock(mutex_);
  ready_ = true;
  refusals_.broker_answered();
  has_share_ = has_share_ || has_share;
  changed_.notify_all();
}

rd_kafka_resp_err_t Consumer::commit(std::span<const Position> positions) {
  if (positions.empty()) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const Queue ended(rd_kafka_queue_new(client_.get()));
  const auto error =
      rd_kafka_commit_queue(client_.get(), list_of(positions).get(), ended.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  const Event end(rd_kafka_queue_poll(ended.get(), static_cast<int>(kAnswer.count())));
  return end ? rd_kafka_event_error(end.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

void Consumer::commit_later(std::span<const Position> positions) {
  note_commits(milliseconds(0));
  if (positions.empty()) return;
  const auto error = rd_kafka_commit_queue(client_.get(), list_of(positions).get(), commits_.get(),
                                           nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++commits_under_way_;
  } else {
    log(LogLevel::info,
        fmt::format("kafka: {}: a commit was not begun: {}", reader_.purpose(), text_of(error)));
  }
}

// Takes note of those that have ended; waits so long for the others.
void Consumer::note_commits(milliseconds patience) {
  const auto limit = Deadline::after(patience);
  while (commits_under_way_ > 0) {
    const auto left = std::chrono::ceil<milliseconds>(limit.remaining());
    const Event ended(rd_kafka_queue_poll(commits_.get(), static_cast<int>(left.count())));
    if (!ended) return;
    --commits_under_way_;
    const auto error = rd_kafka_event_error(ended.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    log(LogLevel::info,
        fmt::format("kafka: {}: a commit has failed: {}", reader_.purpose(), text_of(error)));
    reader_.commit_failed();
  }
}

bool Consumer::await_commits() {
  note_commits(kAnswer);
  return commits_under_way_ == 0;
}

void Consumer::look_up_committed(std::span<Position> positions) {
  const auto list = list_of(positions);
  note_commits(kAnswer);  // what was committed last counts
  const auto what = fmt::format("{}: asking for committed positions", reader_.purpose());
  throw_if(rd_kafka_committed(client_.get(), list.get(), static_cast<int>(kAnswer.count())), what);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    throw_if(list->elems[i].err, what);
    positions[i].offset = list->elems[i].offset;
  }
}

std::pair<std::int64_t, std::int64_t> Consumer::extent(const Partition& partition) {
  std::pair<std::int64_t, std::int64_t> extent;
  const auto& [topic, number] = partition;
  const auto error =
      rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), number, &extent.first,
                                       &extent.second, static_cast<int>(kAnswer.count()));
  throw_if_of_known_topic(error, fmt::format("{}: asking where {} ends", reader_.purpose(), topic));
  return extent;
}

}  // namespace gantry::kafka
