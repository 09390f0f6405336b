// SPDX-License-Identifier: Apache-2.0
#include "senders.hpp"

#include <exception>
#include <utility>
#include <vector>

#include "gantry/error.hpp"

namespace gantry::rabbit {

Senders::Senders(std::shared_ptr<const Settings> settings)
    : settings_(std::move(settings)),
      pool_({.max = settings_->max_senders,
             .min = settings_->min_senders,
             .ttl = settings_->sender_ttl},
            {.create =
                 [this](Deadline, int) {
                   return std::make_unique<Sender>(
                       *settings_, [this](Sender& s) { has_emptied(s); }, stop_.get_token());
                 },
             // Its own thread keeps the connection, or makes it anew.
             .healthy = [](Sender&) { return true; }}) {}

Senders::~Senders() { stop(); }

void Senders::submit(const PublishPtr& publish, Deadline room_by) noexcept {
  try {
    hand_over(publish, room_by);
  } catch (const MessagingTimeout&) {
    publish->end(Fate::expired, std::current_exception());
  } catch (const TransportClosed&) {
    publish->end(Fate::closed, std::current_exception());
  } catch (const std::exception&) {  // no sender could be made: descriptors, threads, memory
    publish->end(Fate::not_sent, not_sent_error(*publish, std::current_exception()));
  }
}

// One thread at a time asks the pool, and none once all it may have are in use. The others would be
// lent what the first one makes needless, and wait, where that was the last there may be, for one
// that serves and so does not go back.
void Senders::hand_over(const PublishPtr& publish, Deadline room_by) {
  const auto settled = [this] { return has_room() || worth_asking_ || stopped_; };
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!room_by.wait(changed_, lock, settled))
      throw gantry::detail::pool_timeout(settings_->max_senders);
    if (give_to_active(publish, lock)) return;
    worth_asking_ = false;
    lock.unlock();
    if (const auto lent = ask_pool()) {
      activate(lent);
      return (*lent)->hand_over(publish);
    }
  }
}

bool Senders::give_to_active(const PublishPtr& publish, std::unique_lock<std::mutex>& lock) {
  if (!has_room()) return false;
  auto& sender = **active_;
  // Its own thread keeps it alive, and must not be the last to let go of it.
  const auto held = sender.on_own_thread() ? Lent() : active_;
  lock.unlock();
  sender.hand_over(publish);
  return true;
}

// Null when all there may be are in use.
Senders::Lent Senders::ask_pool() try {
  return std::make_shared<SenderPool::Lease>(pool_.lend(Deadline::after({})));
} catch (const MessagingTimeout&) {
  return nullptr;
} catch (...) {
  const std::lock_guard lock(mutex_);
  ask_again();
  throw;
}

void Senders::ask_again() {
  worth_asking_ = true;
  changed_.notify_all();
}

// What was active before is full, or another thread was quicker and this one is not needed.
void Senders::activate(Lent lent) {
  Lent spare;  // goes back to the pool after the lock is released
  const std::lock_guard lock(mutex_);
  ask_again();
  if (stopped_) {
    spare = std::move(lent);
    return;
  }
  if (active_ && !reaper_.joinable()) reaper_ = std::jthread([this] { reap_now_and_then(); });
  if (!active_) {
    active_ = std::move(lent);
  } else if ((*active_)->full()) {
    auto& sender = **active_;
    full_.emplace(&sender, std::exchange(active_, std::move(lent)));
    if (sender.half_empty()) spare = std::move(full_.extract(&sender).mapped());
  } else {
    spare = std::move(lent);
  }
}

// On the sender's own thread. The lease goes back under the lock: after `stop` the pool is closed
// and would destroy the sender, which cannot wait for its own thread.
void Senders::has_emptied(Sender& sender) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  full_.erase(&sender);
  ask_again();
}

// On a thread of its own: to leave a broker takes a while.
void Senders::reap_now_and_then() {
  const auto stopped = [this] { return stopped_; };
  std::unique_lock lock(mutex_);
  while (!Deadline::after(pool_.reap_interval()).wait(stopping_, lock, stopped)) {
    lock.unlock();
    pool_.reap();
    lock.lock();
  }
}

void Senders::stop() {
  stop_.request_stop();
  std::vector<Lent> lent;
  std::jthread reaper;  // joined first
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
    changed_.notify_all();
    reaper = std::move(reaper_);
    lent.push_back(std::exchange(active_, {}));
    for (auto& [sender, full] : full_) lent.push_back(std::move(full));
    full_.clear();
  }
  pool_.close_all();
}

}  // namespace gantry::rabbit
