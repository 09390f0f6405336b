// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "dead_queues.hpp"
#include "gantry/deadline.hpp"
#include "gantry/kit/timer.hpp"
#include "publish.hpp"
#include "senders.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// Sends replies and heartbeats to the callers' reply queues. A reply whose queue is missing is
// tried again without holding anybody's thread; a queue that stays missing is remembered, and
// replies to it are dropped (RPCS-14). Shared with the messages that may still be answered. For any
// thread.
class Answers : public std::enable_shared_from_this<Answers> {
 public:
  struct Answer {
    std::string queue{};
    std::string body{};
    std::string unique_id{};
    std::string what{};         // "the reply to <message id>", for the log
    Deadline deadline = never;  // the caller's, as far as it is known
    bool retried = true;        // while its queue is missing; a heartbeat is not
  };

  Answers(std::shared_ptr<const Settings> settings, std::shared_ptr<Senders> senders,
          std::shared_ptr<Timer> timer);

  bool can_carry(const Answer& answer) const noexcept;  // it is not too long
  void send(Answer answer);

 private:
  struct Sending {
    Answer answer;
    Headers headers;
    Deadline missing_until;  // how long its queue may be missing
  };
  using SendingPtr = std::shared_ptr<const Sending>;

  void publish(const SendingPtr& sending, Deadline room_by);
  void ended(const SendingPtr& sending, Fate fate, const std::exception_ptr& error);
  void lost(const Answer& answer, std::string_view why) const;
  void try_later(const SendingPtr& sending);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Senders> senders_;
  const std::shared_ptr<Timer> timer_;
  DeadQueues dead_;
  std::atomic<std::size_t> waiting_ = 0;  // for their queue to come back
};

}  // namespace gantry::rabbit
