// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "gantry/deadline.hpp"
#include "gantry/driver/listener.hpp"

namespace gantry::kafka {

// Makes batches of the messages that several threads bring, and hands them over one after the
// other. A thread that finds another one handing over leaves its messages to that. For any thread.
class Collector {
 public:
  explicit Collector(const BatchOptions& options);  // throws InvalidArgument

  void start(Listener::OnBatch on_batch);
  void pause();
  void resume();  // what was held is handed over by the next call of hand_over

  void add(Batch messages);
  void hand_over();      // what is full or due
  Deadline due() const;  // when the next batch is, full or not; passed already where one waits

  // Takes away what has not been handed over.
  void drop(const std::function<bool(const IncomingMessage&)>& which);

  // Hands over all that is left, also when paused. Returns when no call is under way, and takes
  // nothing more; from within OnBatch it returns at once, and what is added goes on at once.
  void finish();

 private:
  bool is_ready() const;
  Batch take();
  void drain(std::unique_lock<std::mutex>& lock);

  const BatchOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Listener::OnBatch on_batch_;  // guarded by mutex_, as all below
  std::deque<std::unique_ptr<IncomingMessage>> waiting_;
  Deadline due_ = never;  // of the batch that is being filled
  bool paused_ = false;
  bool finishing_ = false;
  bool closed_ = false;
  std::thread::id handing_over_{};
};

}  // namespace gantry::kafka
