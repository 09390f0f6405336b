// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/worker_pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gantry/error.hpp"

namespace gantry {
namespace {

thread_local const WorkerPool* working_for = nullptr;

}  // namespace

WorkerPool::WorkerPool(Limits limits, std::function<void()> on_full, std::function<void()> on_room)
    : limits_(limits), on_full_(std::move(on_full)), on_room_(std::move(on_room)) {
  if (limits_.workers == 0) throw InvalidArgument("a pool needs at least one worker");
}

WorkerPool::~WorkerPool() { finish(); }

void WorkerPool::run(Job job) {
  std::vector<std::jthread> ended;  // joined after the lock is released
  std::unique_lock lock(mutex_);
  ended.swap(retired_);
  jobs_.push_back(std::move(job));
  const bool wake = call_worker();
  if (jobs_.size() >= limits_.backlog) full_ = true;
  signal(lock);
  lock.unlock();
  if (wake) changed_.notify_one();
}

void WorkerPool::work() {
  working_for = this;
  std::unique_lock lock(mutex_);
  coming_ = false;
  while (wait_for_job(lock)) {
    const auto job = std::exchange(jobs_.front(), {});
    jobs_.pop_front();
    const bool wake = call_worker();
    if (jobs_.empty()) drained_.notify_all();
    if (jobs_.size() <= limits_.backlog / 2) full_ = false;
    signal(lock);
    lock.unlock();
    if (wake) changed_.notify_one();
    job();
    lock.lock();
  }
}

// One at a time: it calls the next one when it has taken a job and others are left. So short jobs,
// of which a worker does many while another one wakes up, wake hardly anybody. True: it sleeps, and
// is to be woken after the lock is released, into which it would run.
bool WorkerPool::call_worker() {
  if (jobs_.empty() || coming_) return false;
  const bool wake = sleeping_ > 0;
  if (!wake && threads_.size() == limits_.workers) return false;
  if (!wake) threads_.emplace_back([this] { work(); });
  coming_ = true;
  return wake;
}

// False: this worker is to end.
bool WorkerPool::wait_for_job(std::unique_lock<std::mutex>& lock) {
  const auto wanted = [this, woken = false]() mutable {
    if (std::exchange(woken, true)) coming_ = false;
    return !jobs_.empty() || finishing_;
  };
  while (true) {
    ++sleeping_;
    const bool woken = Deadline::after(limits_.idle).wait(changed_, lock, wanted);
    --sleeping_;
    if (!jobs_.empty()) return true;
    if (finishing_) return false;
    if (!woken && threads_.size() > 1) {
      retire();
      return false;
    }
  }
}

void WorkerPool::retire() {
  const auto self = std::ranges::find(threads_, std::this_thread::get_id(), &std::jthread::get_id);
  retired_.push_back(std::move(*self));
  threads_.erase(self);
}

// Tells the owner what changed, one thread at a time, so that the calls keep their order.
void WorkerPool::signal(std::unique_lock<std::mutex>& lock) {
  if (telling_) return;
  telling_ = true;
  while (told_full_ != full_) {
    told_full_ = full_;
    const auto& tell = told_full_ ? on_full_ : on_room_;
    lock.unlock();
    if (tell) tell();
    lock.lock();
  }
  telling_ = false;
}

std::size_t WorkerPool::finish(Deadline deadline) {
  std::vector<std::jthread> ending;
  std::deque<Job> dropped;
  {
    std::unique_lock lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
    deadline.wait(drained_, lock, [this] { return jobs_.empty(); });
    dropped.swap(jobs_);
    ending.swap(threads_);
    std::ranges::move(retired_, std::back_inserter(ending));
    retired_.clear();
  }
  ending.clear();
  return dropped.size();
}

bool WorkerPool::on_worker() const noexcept { return working_for == this; }

std::size_t WorkerPool::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

}  // namespace gantry
