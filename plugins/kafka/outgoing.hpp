// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/driver/timeline.hpp"
#include "gantry/kit/retry.hpp"
#include "gantry/kit/timer.hpp"
#include "precondition.hpp"

namespace gantry::kafka {

// How a record ended: reliability's outcomes, and the two ends that come from our own side.
enum class Fate {
  accepted,  // stored, by all replicas in sync
  not_sent,  // no broker has it, and the attempts are used up
  refused,   // no broker takes it
  in_doubt,  // handed to a broker, which died or fell silent before it said what became of it
  expired,   // its deadline passed
  closed,    // the driver was closed
};

// Where a broker has put a record.
struct StoredAt {
  std::int32_t partition = RD_KAFKA_PARTITION_UA;
  std::int64_t offset = RD_KAFKA_OFFSET_INVALID;
};

// One record on its way to a broker. Shared by librdkafka, which tells what became of it, and the
// timer, which ends it at its deadline: the first end counts.
class Outgoing {
 public:
  using RecordHeader = std::pair<std::string, std::string>;

  struct Content {
    std::string what{};  // "cast 'add' to <Target topic=calc>", for errors
    std::vector<PreconditionPtr> needs{};
    std::string topic{};
    std::int32_t partition = RD_KAFKA_PARTITION_UA;  // unassigned: order_key chooses
    std::string order_key{};  // records of one key share a partition; empty: each in turn
    std::string key{};        // the record's; empty: none
    std::string body{};
    std::string unique_id{};
    std::vector<RecordHeader> headers{};
    // Adds what is known only when all preconditions hold. May be empty.
    std::function<void(std::vector<RecordHeader>&)> complete{};
    // Told where it was stored, before its end. May be empty.
    std::function<void(const StoredAt&)> stored{};
    bool nobody_is_fine = false;  // a topic that does not exist is as good as sent
    Deadline deadline = never;
    int retry = -1;  // as in SendOptions, and the next
    OnDoubt on_doubt = OnDoubt::fail;
    std::shared_ptr<Timeline> timeline{};  // shared with whoever waits; null: nobody does
  };

  explicit Outgoing(Content&& content);
  Outgoing(const Outgoing&) = delete;
  virtual ~Outgoing();

  // The timer is to end it with MessagingTimeout at its deadline. A call needs no such limit: its
  // waiter has one. [before it is shared]
  static void limit(const std::shared_ptr<Outgoing>& outgoing, std::shared_ptr<Timer> timer);

  const Content& content() const noexcept { return content_; }
  // One that was made later has a greater one.
  std::uint64_t number() const noexcept { return number_; }
  // Nobody waits for it any more: it has ended, or its deadline has passed.
  bool over() const noexcept {
    return ended_.load(std::memory_order_relaxed) || content_.deadline.expired();
  }
  void reach(Stage stage) noexcept { timeline_.reach(stage); }

  // librdkafka has it from the one to the other, and then it stays without any other owner. [the
  // thread that hands it to librdkafka, and the one that librdkafka tells]
  void hand_out(std::shared_ptr<Outgoing> self) noexcept { handed_out_ = std::move(self); }
  std::shared_ptr<Outgoing> take_back() noexcept { return std::move(handed_out_); }

  // Whether it may be tried again after an attempt that brought it to no broker. [producer's
  // thread]
  bool another_attempt() { return attempts_.another(); }
  void note_stored(const StoredAt& where) const {
    if (content_.stored) content_.stored(where);
  }
  // All preconditions hold: the headers as they are sent. [one thread at a time]
  std::vector<RecordHeader> headers() const;

  void end(Fate fate, const std::exception_ptr& error = {}) noexcept;  // [any thread]
  void refuse(rd_kafka_resp_err_t error) noexcept;  // what it needs is asked for again [any thread]
  void expire() noexcept;                           // ends it with MessagingTimeout [any thread]

 protected:
  // How it ended: called once, on any thread, with no lock held. `error` is null for Fate::accepted
  // alone.
  virtual void ended(Fate fate, const std::exception_ptr& error) = 0;

 private:
  void on_alarm() noexcept;
  void tell(Fate fate, const std::exception_ptr& error) noexcept;
  std::exception_ptr expired_error() const;

  const Content content_;
  const std::uint64_t number_;
  Timeline own_timeline_{};
  Timeline& timeline_;  // the content's, or the own
  Attempts attempts_;
  std::atomic<bool> ended_ = false;
  std::shared_ptr<Outgoing> handed_out_{};
  // Set before any thread but the timer's sees this, as the next.
  std::shared_ptr<Timer> timer_{};
  Timer::Id alarm_{};
};

using OutgoingPtr = std::shared_ptr<Outgoing>;

// The error of each end but `expired`.
std::exception_ptr not_sent_error(const Outgoing& outgoing, const std::string& reason);
std::exception_ptr in_doubt_error(const Outgoing& outgoing, const std::string& reason);
std::exception_ptr closed_error(const Outgoing& outgoing);
std::exception_ptr refused_error(const Outgoing& outgoing, rd_kafka_resp_err_t error);

}  // namespace gantry::kafka
