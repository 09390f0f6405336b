// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gantry/deadline.hpp"
#include "handles.hpp"
#include "precondition.hpp"
#include "refusals.hpp"
#include "settings.hpp"

namespace gantry::kafka {

using Partition = std::pair<std::string, std::int32_t>;  // topic and number

// A place to read from, or up to which has been read: the next record's offset.
struct Position {
  Partition partition;
  std::int64_t offset = 0;
};

// What is done with records. Called by the consumer's thread alone.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual std::string_view purpose() const noexcept = 0;  // for logs and errors

  // In the order of each partition. Messages with an error are not among them.
  virtual void take(std::vector<Received> records) = 0;
  // Once a round: commits, hands over what is due.
  virtual void turn() = 0;
  virtual Deadline due() const = 0;  // when the next turn is wanted at the latest

  // The offsets are where reading begins; RD_KAFKA_OFFSET_INVALID is the committed position, or
  // where there is none the offset_reset.
  virtual void assigned(std::span<Position>) {}
  // They go to another member now, or, when they are lost, have gone already.
  virtual void revoked(std::span<const Partition>, bool /*lost*/) {}
  // One that was begun by commit_later: what it was to store is to be committed again.
  virtual void commit_failed() {}
  virtual void closing() {}  // the last round
};

// How the members of a group agree on who reads which partition. Those who differ in it cannot be
// members of the same group.
namespace assignors {
// Only partitions that change their owner pause.
inline constexpr std::string_view kCooperative = "cooperative-sticky";
// Python's members have no other; all partitions pause for a moment.
inline constexpr std::string_view kAsPython = "roundrobin,range";
}  // namespace assignors

struct Membership {
  std::string group{};  // empty: reads by hand
  std::string_view offset_reset = "latest";
  std::string_view assignors = assignors::kCooperative;
};

// One librdkafka consumer and the thread that reads by it. Its reader may commit from within its
// calls. Where it is paused it keeps its partitions and takes nothing.
class Consumer {
 public:
  // Opens no connection. Throws ConfigurationError.
  Consumer(const Settings& settings, Reader& reader, const Membership& membership);
  Consumer(const Consumer&) = delete;
  ~Consumer();

  void start();  // the thread [owner]
  // Waits until it holds. Throws MessagingTimeout, or what the broker said. [owner]
  void require(Precondition& need, Deadline deadline);
  // One of the three, once: as a member of the group, or by hand, from a position or from the
  // partition's end on. [owner]
  void subscribe(const std::vector<std::string>& topics);
  void assign(const Position& position);
  void read_on(const Partition& partition, Deadline deadline);
  // Returns when it has been given its partitions, which may be none. Throws MessagingTimeout, or
  // what the broker said. [owner]
  void wait_ready(Deadline deadline);
  // Returns when it has a partition, or at the deadline: there may be none for it.
  void wait_share(Deadline deadline);

  void pause() noexcept { set_paused(true); }  // [any thread], as all below
  void resume() noexcept { set_paused(false); }
  bool is_paused() const noexcept { return paused_; }
  void wake() noexcept;  // a turn is wanted
  void ask_stop() noexcept;
  bool on_own_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

  // Ends the thread and leaves the group. Not from its own thread. [owner]
  void stop();

  // Commits, and returns when that is stored, or when a broker takes too long. [consumer's thread]
  rd_kafka_resp_err_t commit(std::span<const Position> positions);
  // The same, without waiting; the reader is told of what goes wrong in one of the next calls.
  void commit_later(std::span<const Position> positions);
  // Until those that were begun have ended; false where a broker takes too long.
  bool await_commits();
  // Sets each to the committed position, RD_KAFKA_OFFSET_INVALID where there is none. Throws as
  // throw_if does, and so does the next.
  void look_up_committed(std::span<Position> positions);
  bool rest(std::chrono::milliseconds time);  // false when it is to stop meanwhile
  // Where a partition begins and ends just now. [any thread]
  std::pair<std::int64_t, std::int64_t> extent(const Partition& partition);

 private:
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t error,
                           rd_kafka_topic_partition_list_t* partitions, void* self);
  static void on_error(rd_kafka_t*, int error, const char* reason, void* self);

  void read();
  void finish_joining();
  bool is_half_joined();
  void close();
  std::vector<Received> poll();
  void drop_gathered(const rd_kafka_topic_partition_list_t& partitions);
  void note(const rd_kafka_message_t& message);
  void rebalance(rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions);
  void begin(rd_kafka_topic_partition_list_t& partitions);
  void note_commits(std::chrono::milliseconds patience);
  void look_up_beginnings(std::span<Position> positions);
  bool sit_out_pause();
  std::string follow(bool assigned, const rd_kafka_topic_partition_list_t& partitions);
  void follow_pause();
  void set_paused(bool paused) noexcept;
  void insist(Deadline deadline, const std::function<void(std::chrono::milliseconds)>& attempt);
  [[noreturn]] void time_out() const;
  void fail(std::exception_ptr failure, bool final);
  void note_refusal(rd_kafka_resp_err_t error, std::string_view reason);
  void ready(bool has_share);

  Reader& reader_;
  const std::size_t most_records_;
  const bool cooperative_;
  const std::int64_t without_commit_;  // where a group begins that has committed nothing
  Client client_;
  Queue queue_;
  Queue commits_;  // tells the end of those that were begun
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> paused_ = false;
  // The consumer's thread alone:
  bool follows_pause_ = false;        // the partitions are paused
  std::vector<Received> gathered_{};  // by the poll that is under way
  std::optional<Deadline::Clock::time_point> sitting_since_{};
  bool is_gone_ = true;  // librdkafka has nothing more to do for it
  std::size_t commits_under_way_ = 0;

  std::mutex wake_mutex_;
  std::condition_variable woken_;
  bool awake_ = false;  // guarded by wake_mutex_

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;  // guarded by mutex_, as all below
  bool has_share_ = false;
  bool refused_ = false;        // waiting longer does not help
  std::exception_ptr failure_;  // the latest, or the one that counts
  Refusals refusals_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace gantry::kafka
