// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "gantry/kit/pool.hpp"
#include "publish.hpp"
#include "sender.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// The sending connections of a driver. One of them serves all callers until its window of
// unconfirmed messages is full; then it is put aside until it has emptied by half, and the next one
// of the pool serves. For any thread.
class Senders {
 public:
  explicit Senders(std::shared_ptr<const Settings> settings);
  ~Senders();  // stop()

  // Waits, where every connection there may be is full, until `room_by`. Then, and after stop, the
  // publish is told its end.
  void submit(const PublishPtr& publish, Deadline room_by) noexcept;

  // Lets what is under way finish for a moment, then ends it with an error; and so does every later
  // publish.
  void stop();

 private:
  using SenderPool = Pool<Sender>;
  // Shared with those that are handing something over, which they do with no lock held.
  using Lent = std::shared_ptr<SenderPool::Lease>;

  void hand_over(const PublishPtr& publish, Deadline room_by);
  bool give_to_active(const PublishPtr& publish, std::unique_lock<std::mutex>& lock);
  bool has_room() const { return active_ && !(*active_)->full(); }
  void has_emptied(Sender& sender);
  Lent ask_pool();
  void ask_again();
  void activate(Lent lent);
  void reap_now_and_then();

  const std::shared_ptr<const Settings> settings_;
  std::stop_source stop_;  // of all senders
  SenderPool pool_;
  std::mutex mutex_;
  Lent active_;  // null: none; guarded by mutex_, as all below
  std::map<Sender*, Lent> full_;
  bool worth_asking_ = true;  // the pool for the next one
  bool stopped_ = false;
  std::condition_variable changed_;
  std::condition_variable stopping_;
  std::jthread reaper_;  // of idle connections; runs once there was more than one. Joined by stop()
};

}  // namespace gantry::rabbit
