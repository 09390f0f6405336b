// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/timer.hpp"

namespace gantry {

namespace {

thread_local const Timer* running = nullptr;  // whose thread this is
thread_local bool left = false;               // that timer has no user any more

constinit std::mutex sharing;
constinit std::weak_ptr<Timer> current;      // guarded by sharing, as the next
constinit std::unique_ptr<Timer> abandoned;  // by its last user, a callback of its own

// A callback cannot wait for the end of the thread that it runs on. Then the next user does, or the
// end of the process.
void release(Timer* timer) {
  if (timer != running) {
    delete timer;
    return;
  }
  left = true;
  const std::lock_guard lock(sharing);
  abandoned.reset(timer);
}

}  // namespace

std::shared_ptr<Timer> Timer::shared() {
  std::unique_ptr<Timer> ended;  // waited for after the lock is released
  const std::lock_guard lock(sharing);
  auto timer = current.lock();
  if (!timer) {
    ended = std::move(abandoned);
    timer = std::shared_ptr<Timer>(new Timer, release);
    current = timer;
  }
  return timer;
}

Timer::Timer() : thread_([this] { run(); }) {}

Timer::~Timer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

Timer::Id Timer::at(Deadline at, Callback callback) {
  bool earlier = false;
  Id id;
  {
    const std::lock_guard lock(mutex_);
    id = {at, next_++};
    due_.emplace(id, std::move(callback));
    earlier = at < sleeping_until_;
  }
  if (earlier) changed_.notify_one();
  return id;
}

bool Timer::cancel(const Id& id) {
  Callback dropped;  // destroyed after the lock is released: it may own anything
  const std::lock_guard lock(mutex_);
  const auto found = due_.find(id);
  if (found == due_.end()) return false;
  dropped = std::move(found->second);
  due_.erase(found);
  return true;
}

void Timer::settle() {
  std::unique_lock lock(mutex_);
  nudged_ = true;  // it looks at the clock anew, which may have become another one
  changed_.notify_one();
  settled_.wait(lock, [this] { return !nudged_ && sleeps_ && !is_due(); });
}

bool Timer::is_due() const { return !due_.empty() && due_.begin()->first.first.expired(); }

void Timer::run() {
  running = this;
  std::unique_lock lock(mutex_);
  while (!stopping_ && !left) {
    if (is_due()) {
      const auto callback = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      lock.unlock();
      callback();
      lock.lock();
    } else {
      sleep(lock);
    }
  }
}

// Until the first callback is due, or an earlier one is added.
void Timer::sleep(std::unique_lock<std::mutex>& lock) {
  sleeping_until_ = due_.empty() ? never : due_.begin()->first.first;
  sleeps_ = true;
  nudged_ = false;
  settled_.notify_all();
  sleeping_until_.wait(changed_, lock, [this] {
    return stopping_ || nudged_ || (!due_.empty() && due_.begin()->first.first < sleeping_until_);
  });
  sleeps_ = false;
}

}  // namespace gantry
