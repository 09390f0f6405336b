// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"

namespace gantry {

// The one service thread of a process: deadlines, call monitors, heartbeats, delayed retries.
class GANTRY_API Timer {
 public:
  using Callback = std::function<void()>;
  using Id = std::pair<Deadline, std::uint64_t>;

  // The process's timer. Shared by whoever uses it, so that its thread ends with the last user
  // instead of at some moment among the destructors of statics.
  static std::shared_ptr<Timer> shared();

  Timer();
  ~Timer();  // callbacks not yet due are dropped; not from within a callback

  // Runs `callback` once on the timer's thread, with no lock held, when `at` has passed. The
  // callback is short and does not throw. [any thread]
  Id at(Deadline at, Callback callback);

  // True when the callback will not run any more; false when it has run, or runs now. [any thread]
  bool cancel(const Id& id);

  // Returns once no callback runs and none is due. Not from within a callback. [any thread]
  void settle();

 private:
  void run();
  bool is_due() const;
  void sleep(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable settled_;
  std::map<Id, Callback> due_;       // guarded by mutex_, as all below
  Deadline sleeping_until_ = never;  // a later entry need not wake the thread
  std::uint64_t next_ = 0;
  bool sleeps_ = false;
  bool nudged_ = false;
  bool stopping_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace gantry
