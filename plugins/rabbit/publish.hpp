// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fault.hpp"
#include "gantry/deadline.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/driver/timeline.hpp"
#include "gantry/kit/retry.hpp"
#include "gantry/kit/timer.hpp"
#include "gantry/message.hpp"
#include "topology.hpp"

namespace gantry::rabbit {

// How a publish ended: reliability's five outcomes, and the two ends that come from our own side.
enum class Fate {
  accepted,  // the broker has it
  not_sent,  // no complete message reached the broker, and the attempts are used up
  returned,  // it is in no queue
  rejected,  // the broker would not take it
  in_doubt,  // written, and the connection died before the confirm
  expired,   // its deadline passed
  closed,    // the driver was closed
};

// One message on its way to the broker. Shared by the connection's thread, which publishes it, and
// the timer, which ends it at its deadline whatever that thread is busy with: the first end counts.
class Publish {
 public:
  // `error` is null for Fate::accepted alone. Called once, on any thread, with no lock held.
  using Ended = std::function<void(Fate, const std::exception_ptr& error)>;

  // What has to exist before it can be published.
  enum class Needs { nothing, exchange, queue };

  struct Content {
    std::string what{};  // "cast 'add' to <Target topic=calc>", for errors
    Needs needs = Needs::nothing;
    Subscribed destination{};  // what is declared; for `exchange` its exchange alone
    std::string exchange{};
    std::string routing_key{};
    std::string body{};
    std::string unique_id{};
    Headers headers{};
    bool mandatory = false;
    bool expires = false;    // the broker drops it at the deadline
    bool one_queue = false;  // at most one gets it, so one that refuses it means that none has it
    Deadline deadline = never;
    int retry = -1;  // as in SendOptions, and the next
    OnDoubt on_doubt = OnDoubt::fail;
    std::shared_ptr<Timeline> timeline{};  // not null; shared with whoever waits
  };

  Publish(Content content, Ended ended);

  const Content& content() const noexcept { return content_; }
  // Nobody waits for it any more: it has ended, or its deadline has passed.
  bool over() const noexcept {
    return ended_.load(std::memory_order_relaxed) || content_.deadline.expired();
  }
  void reach(Stage stage) noexcept { content_.timeline->reach(stage); }

  // [connection's thread] Whether it may be tried again after an attempt that brought no complete
  // message to the broker; and, whatever `retry` says, after the broker had lost what was declared
  // for it, which is mended a few times.
  bool another_attempt() { return attempts_.another(); }
  bool another_mend() { return mends_++ < kMends; }

  void end(Fate fate, const std::exception_ptr& error = {}) noexcept;  // [any thread]
  void expire() noexcept;  // ends it with MessagingTimeout [any thread]

  // Makes one that the timer ends with MessagingTimeout at its deadline. A call needs no such
  // limit: its waiter has one.
  static std::shared_ptr<Publish> limited(Content content, std::shared_ptr<Timer> timer,
                                          Ended ended);

 private:
  static constexpr int kMends = 3;

  const Content content_;
  const Ended tell_;
  Attempts attempts_;
  int mends_ = 0;
  std::atomic<bool> ended_ = false;
  std::shared_ptr<Timer> timer_{};  // set before any other thread sees this, as the next
  Timer::Id alarm_{};
};

using PublishPtr = std::shared_ptr<Publish>;

// The error of each end but `expired` and `closed`.
std::exception_ptr not_sent_error(const Publish& publish, const std::exception_ptr& reason);
std::exception_ptr returned_error(const Publish& publish, const std::string& reason);
std::exception_ptr rejected_error(const Publish& publish);
std::exception_ptr refused_error(const Publish& publish, const ChannelClosed& closed);
std::exception_ptr in_doubt_error(const Publish& publish, const std::exception_ptr& reason);

}  // namespace gantry::rabbit
