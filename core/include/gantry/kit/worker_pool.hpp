// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"

namespace gantry {

// Threads that run jobs, at most `workers` of them, started on demand; all but one end when they
// have been idle for a while. The owner is told when the backlog is full, so that it can stop
// pulling from its source, and when there is room again; the two calls alternate, come with no lock
// held, and must not block.
class GANTRY_API WorkerPool {
 public:
  using Job = std::function<void()>;  // must not throw
  struct Limits {
    std::size_t workers = 64;
    std::size_t backlog = 128;  // jobs that wait for a worker before the source is paused
    std::chrono::milliseconds idle{60'000};  // how long an idle worker stays
  };

  explicit WorkerPool(Limits limits, std::function<void()> on_full = {},
                      std::function<void()> on_room = {});
  WorkerPool(const WorkerPool&) = delete;
  ~WorkerPool();  // finish()

  // Never blocks and never refuses: what is over the backlog waits as well. [any thread]
  void run(Job job);

  // Runs what was accepted, then ends the threads. From `deadline` on jobs that no worker has begun
  // are dropped; the number of these is returned. Not from a worker. [owner]
  std::size_t finish(Deadline deadline = never);

  bool on_worker() const noexcept;  // whether the calling thread is one of this pool's
  std::size_t threads() const;
  std::size_t waiting() const;

 private:
  void work();
  bool call_worker();
  bool wait_for_job(std::unique_lock<std::mutex>& lock);
  void retire();
  void signal(std::unique_lock<std::mutex>& lock);

  const Limits limits_;
  const std::function<void()> on_full_;
  const std::function<void()> on_room_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable drained_;
  std::deque<Job> jobs_;      // guarded by mutex_, as all below
  std::size_t sleeping_ = 0;  // workers that wait for a job
  bool coming_ = false;       // a worker was woken or started, and has not looked for a job yet
  bool full_ = false;
  bool told_full_ = false;  // what the owner was told last
  bool telling_ = false;    // a thread is telling it now
  bool finishing_ = false;
  std::vector<std::jthread> threads_;
  std::vector<std::jthread> retired_;  // those that have ended, or are about to
};

}  // namespace gantry
