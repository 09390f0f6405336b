// SPDX-License-Identifier: Apache-2.0
#include "producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

using std::chrono::milliseconds;

// How long the first attempt to reach a broker takes at most. Each that ends without an answer
// makes the next one twice as patient, up to the longest: brokers may be far away or busy. And the
// pause before the next.
constexpr milliseconds kAttempt{800};
constexpr milliseconds kLongestAttempt{5000};
constexpr milliseconds kPause{100};
constexpr milliseconds kRebuild{2000};

milliseconds whole(Deadline::Clock::duration time) {
  return std::chrono::duration_cast<milliseconds>(time);
}

// What ends a producer, or was ended by us: it says nothing of the record.
bool is_of_the_session(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
      return true;
    default:
      return false;
  }
}

}  // namespace

Producer::Producer(std::shared_ptr<const Settings> settings)
    : settings_(std::move(settings)),
      attempt_(kAttempt),
      session_(new_session()),
      usher_([this] { usher(); }) {}

Producer::~Producer() {
  stop();
  session_.reset();  // it tells of its end
}

void Producer::submit(const OutgoingPtr& outgoing, Deadline room_by) {
  if (!may_pass(*outgoing) || !produce(outgoing, room_by)) hold(outgoing);
}

// Behind those of its topic that are held, so that the order stays.
bool Producer::may_pass(const Outgoing& outgoing) {
  {
    const std::lock_guard lock(mutex_);
    if (down_ || fatal_ || !closing_.is_never() || held_.contains(outgoing.content().topic))
      return false;
  }
  return std::ranges::all_of(outgoing.content().needs,
                             [](const PreconditionPtr& need) { return need->holds(); });
}

void Producer::hold(const OutgoingPtr& outgoing) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_.expired()) {
      held_[outgoing->content().topic].records.emplace(outgoing->number(), outgoing);
      changed_.notify_all();
      return;
    }
  }
  outgoing->end(Fate::closed, closed_error(*outgoing));
}

// False: it is to be held.
bool Producer::produce(const OutgoingPtr& outgoing, Deadline room_by) {
  const auto deadline = std::min(room_by, outgoing->content().deadline);
  while (!outgoing->over()) {
    std::unique_lock lock(mutex_);
    const auto session = session_;
    const auto seen = ended_;
    lock.unlock();
    if (!session) return false;
    outgoing->reach(Stage::connected);
    const auto error = session->produce(outgoing);
    switch (error) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        outgoing->reach(Stage::sent);
        return true;
      case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        if (session->on_own_thread()) return false;
        if (await_room(seen, deadline)) continue;
        outgoing->expire();
        return true;
      default:
        if (is_of_the_session(error)) {
          note_spent(session);
          return false;
        }
        outgoing->refuse(error);
        return true;
    }
  }
  outgoing->expire();  // the timer may not have come to it yet
  return true;
}

// The session may say so here before it tells of its end.
void Producer::note_spent(const SessionPtr& session) {
  const std::lock_guard lock(mutex_);
  if (session != session_) return;
  fatal_ = true;
  changed_.notify_all();
}

// Until a record has left librdkafka's queue.
bool Producer::await_room(std::uint64_t seen, Deadline deadline) {
  std::unique_lock lock(mutex_);
  ++waiting_for_room_;
  const auto closing = closing_;
  const bool room = std::min(deadline, closing).wait(room_, lock, [&] {
    return ended_ != seen || closing_ != closing;
  });
  --waiting_for_room_;
  return room;
}

void Producer::delivered(const OutgoingPtr& outgoing, rd_kafka_resp_err_t error,
                         rd_kafka_msg_status_t status) {
  {
    const std::lock_guard lock(mutex_);
    ++ended_;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) refusals_.broker_answered();
    if (waiting_for_room_ > 0) room_.notify_all();
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    outgoing->reach(Stage::confirmed);
    return outgoing->end(Fate::accepted);
  }
  const bool in_doubt = status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  if (in_doubt || is_transient(error) || is_of_the_session(error))
    return try_again(outgoing, text_of(error), in_doubt);
  outgoing->refuse(error);
}

void Producer::try_again(const OutgoingPtr& outgoing, const std::string& reason, bool in_doubt) {
  if (in_doubt && outgoing->content().on_doubt != OnDoubt::resend)
    return outgoing->end(Fate::in_doubt, in_doubt_error(*outgoing, reason));
  std::unique_lock lock(mutex_);
  const bool closing = !closing_.is_never();
  const bool ours = fatal_;  // the session's end is no attempt of the record's
  lock.unlock();
  if (closing) {
    return in_doubt ? outgoing->end(Fate::in_doubt, in_doubt_error(*outgoing, reason))
                    : outgoing->end(Fate::closed, closed_error(*outgoing));
  }
  if (!ours && !outgoing->another_attempt())
    return outgoing->end(Fate::not_sent, not_sent_error(*outgoing, reason));
  hold(outgoing);
}

void Producer::failed(rd_kafka_resp_err_t error, const std::string& reason) {
  std::unique_lock lock(mutex_);
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    fatal_ = true;
  } else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    refusals_.note(error, reason);
    if (std::exchange(down_, true) && !refusals_.are_final()) return;
  } else if (is_distrust(error, reason)) {
    refusals_.note(error, reason);
  } else {
    trouble_ = reason;
    return;
  }
  changed_.notify_all();
  const auto told = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !trouble_.empty()
                        ? fmt::format("{}; the latest: {}", reason, trouble_)
                        : reason;
  const bool refused = refusals_.are_final();
  if (refused) {
    give_up_refused(std::move(lock));
  } else {
    lock.unlock();
  }
  log(LogLevel::warning,
      fmt::format("kafka: the producer: {}: {}", text_of(error), printable(told)));
}

// Nobody asks again before there is something to send.
void Producer::give_up_refused(std::unique_lock<std::mutex> lock) {
  const auto refusals = refusals_;
  const auto given_up = std::exchange(held_, {});
  refused_ = true;
  down_ = true;
  changed_.notify_all();
  lock.unlock();
  for (const auto& [topic, line] : given_up)
    for (const auto& [number, outgoing] : line.records)
      outgoing->end(Fate::refused,
                    refusals.error(fmt::format("{} was not sent", outgoing->content().what)));
}

Producer::SessionPtr Producer::new_session() {
  Observer& self = *this;
  return std::make_shared<ProducerSession>(*settings_, self);
}

// Of the usher's thread.
Producer::SessionPtr Producer::session() {
  {
    const std::lock_guard lock(mutex_);
    if (session_) return session_;
  }
  auto fresh = new_session();
  const std::lock_guard lock(mutex_);
  session_ = std::move(fresh);
  return session_;
}

// The session would go on and show its password to every broker, again and again.
void Producer::retire() {
  SessionPtr spent;  // goes when the lock is released, since it tells of its end
  const std::lock_guard lock(mutex_);
  spent.swap(session_);
  refusals_ = {};
  refused_ = false;
}

void Producer::usher() {
  while (const auto outgoing = next_held()) {
    std::exception_ptr refusal;
    bool nobody = false;
    try {
      admit(outgoing);
      attempt_ = kAttempt;
      hand_over(outgoing);
      continue;
    } catch (const Unreachable& error) {
      attempt_failed(outgoing, error.what());
      continue;
    } catch (const EntityNotFound&) {
      refusal = std::current_exception();
      nobody = true;
    } catch (const std::exception&) {
      refusal = std::current_exception();
    }
    if (!let_go(outgoing)) continue;
    if (nobody && outgoing->content().nobody_is_fine) {
      outgoing->reach(Stage::confirmed);
      outgoing->end(Fate::accepted);
    } else {
      outgoing->end(Fate::refused, refusal);
    }
  }
}

// The first of a line that does not rest, with a deadline before it; null when the producer is
// closed. It stays in its place.
OutgoingPtr Producer::next_held() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (clear_lines(lock)) continue;
    if (refused_) {
      lock.unlock();
      retire();
      lock.lock();
      continue;
    }
    if (fatal_ && !closing_.expired()) {
      lock.unlock();
      rebuild();
      lock.lock();
      continue;
    }
    if (!closing_.is_never() && (held_.empty() || closing_.expired())) return nullptr;
    if (auto next = first_of_next_line()) return next;
    const auto closing = closing_;
    std::min(end_of_rest(), closing_).wait(changed_, lock, [&] {
      return refused_ || fatal_ || closing_ != closing || end_of_rest().expired();
    });
  }
}

// Each topic in its turn, but for those that rest.
OutgoingPtr Producer::first_of_next_line() {
  auto line = held_.upper_bound(turn_);
  for (std::size_t left = held_.size(); left > 0; --left, ++line) {
    if (line == held_.end()) line = held_.begin();
    const auto& [topic, waiting] = *line;
    if (!waiting.rests_until.expired()) continue;
    turn_ = topic;
    return waiting.records.begin()->second;
  }
  return nullptr;
}

// When there is something to try; never: nothing is held.
Deadline Producer::end_of_rest() const {
  auto end = never;
  for (const auto& [topic, line] : held_) end = std::min(end, line.rests_until);
  return end;
}

// Drops those at the front whose deadlines have passed, which the timer may not have come to yet,
// and what was asked for one that is not the first any more. False where there was nothing; then
// the lock was held all the time.
bool Producer::clear_lines(std::unique_lock<std::mutex>& lock) {
  std::vector<OutgoingPtr> over;
  std::vector<OutgoingPtr> asked;
  for (auto& [topic, line] : held_) {
    auto& records = line.records;
    for (; !records.empty() && records.begin()->second->over(); records.erase(records.begin()))
      over.push_back(records.begin()->second);
    if (line.tried && (records.empty() || records.begin()->second != line.tried))
      asked.push_back(std::exchange(line.tried, nullptr));
  }
  std::erase_if(held_, [](const auto& line) { return line.second.records.empty(); });
  if (over.empty() && asked.empty()) return false;
  lock.unlock();
  for (const auto& outgoing : over) outgoing->expire();
  for (const auto& outgoing : asked)
    for (const auto& need : outgoing->content().needs) need->give_up();
  lock.lock();
  return true;
}

void Producer::admit(const OutgoingPtr& outgoing) {
  const auto session = this->session();
  session->keep_topic(outgoing->content().topic);
  for (const auto& need : outgoing->content().needs) {
    if (need->holds()) continue;
    need->establish(session->client(), attempt_);
    const std::lock_guard lock(mutex_);
    refusals_.broker_answered();
  }
  std::unique_lock lock(mutex_);
  if (!down_) return;
  lock.unlock();
  find_brokers();
}

void Producer::find_brokers() {
  const auto session = this->session();
  const rd_kafka_metadata_t* metadata = nullptr;
  throw_if(rd_kafka_metadata(session->client(), 0, nullptr, &metadata,
                             static_cast<int>(attempt_.count())),
           "asking the brokers");
  rd_kafka_metadata_destroy(metadata);
  const std::lock_guard lock(mutex_);
  down_ = false;
  refusals_.broker_answered();
}

// False when it was given up meanwhile.
bool Producer::let_go(const OutgoingPtr& outgoing) {
  const std::lock_guard lock(mutex_);
  const auto line = held_.find(outgoing->content().topic);
  return line != held_.end() && line->second.records.erase(outgoing->number()) > 0;
}

// Its line stays until this thread clears it, so that none passes.
void Producer::hand_over(const OutgoingPtr& outgoing) {
  if (!let_go(outgoing)) return;
  if (!produce(outgoing, outgoing->content().deadline)) hold(outgoing);
}

// An attempt of each that is held has failed where no broker answers, else of those of this topic.
void Producer::attempt_failed(const OutgoingPtr& tried, const std::string& reason) {
  std::unique_lock lock(mutex_);
  attempt_ = std::min(2 * attempt_, kLongestAttempt);
  if (refusals_.are_final()) return give_up_refused(std::move(lock));
  std::vector<OutgoingPtr> given_up;
  for (auto& [topic, line] : held_) {
    const bool is_tried = topic == tried->content().topic;
    if (is_tried) line.tried = tried;
    if (!is_tried && !down_) continue;
    line.rests_until = Deadline::after(kPause);
    std::erase_if(line.records, [&](const auto& record) {
      const auto& outgoing = record.second;
      if (!outgoing->over() && outgoing->another_attempt()) return false;
      given_up.push_back(outgoing);
      return true;
    });
  }
  lock.unlock();
  for (const auto& outgoing : given_up)
    outgoing->over() ? outgoing->expire()
                     : outgoing->end(Fate::not_sent, not_sent_error(*outgoing, reason));
}

void Producer::rebuild() {
  log(LogLevel::warning,
      "kafka: the producer is spent; what was not stored for certain goes by a new one");
  auto fresh = new_session();
  std::unique_lock lock(mutex_);
  session_.swap(fresh);
  lock.unlock();
  if (fresh) fresh->finish(kRebuild);
  fresh.reset();  // it tells nothing more, of which the new one is not to be accused
  lock.lock();
  fatal_ = false;
}

void Producer::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (closing_.is_never()) closing_ = Deadline::after(settings_->close_timeout);
    changed_.notify_all();
    room_.notify_all();
  }
  if (!usher_.joinable()) return;
  usher_.join();
  if (session_) session_->finish(std::max(whole(closing_.remaining()), milliseconds(0)));
  std::unique_lock lock(mutex_);
  closing_ = Deadline(Deadline::Clock::now());
  const auto left = std::exchange(held_, {});
  lock.unlock();
  std::size_t count = 0;
  for (const auto& [topic, line] : left) {
    for (const auto& [number, outgoing] : line.records)
      outgoing->end(Fate::closed, closed_error(*outgoing));
    count += line.records.size();
  }
  if (count > 0)
    log(LogLevel::warning,
        fmt::format("kafka: {} records were not sent when the transport was closed", count));
}

}  // namespace gantry::kafka
