// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "gantry/deadline.hpp"
#include "gantry/driver/listener.hpp"
#include "gantry/kit/worker_pool.hpp"
#include "gantry/ledger.hpp"

namespace gantry {

// Whether an executor of this name runs on the listener's thread; throws ExecutorLoadFailure for
// one that is not known (SRV-1).
bool is_inline_executor(const std::string& executor);

// How many workers a server (`who`) has, and how many batches may wait for one: twice as many where
// `backlog` is 0. Throws InvalidArgument without a worker.
WorkerPool::Limits worker_limits(const std::string& who, std::size_t workers, std::size_t backlog);

// The life that RPC servers and notification listeners share (semantics §12): it subscribes, gives
// each batch to a worker, and stops in order. For any thread; handlers may call stop().
class MessageServer {
 public:
  struct Parts {
    std::string name;  // for log lines
    Ledger& ledger;    // outlives the server
    std::function<std::unique_ptr<Listener>(Deadline)> listen;
    std::function<void(Batch)> serve;  // on a worker; must not throw
    WorkerPool::Limits limits{};
    bool is_inline = false;
    Receipt unserved = Receipt::dropped;  // what becomes of a message that no worker begins
    std::chrono::milliseconds shutdown_timeout{60'000};
  };

  explicit MessageServer(Parts parts) : parts_(std::move(parts)) {}
  MessageServer(const MessageServer&) = delete;
  MessageServer& operator=(const MessageServer&) = delete;
  ~MessageServer();  // stop() and wait(), until the shutdown_timeout for what has not begun

  void start(Deadline deadline);  // throws what `listen` throws, and is idle then
  void stop();
  void wait();  // throws WouldDeadlock from within a handler

 private:
  // A cycle goes idle → starting → running → stopping → stopped → finishing → idle. The threads
  // that find another one in a transition wait for its end.
  enum class Phase { idle, starting, running, stopping, stopped, finishing };

  void subscribe(Deadline deadline);
  void accept(Batch batch);
  void serve(Batch batch) const;
  void finish(std::unique_lock<std::mutex>& lock, Deadline deadline);
  void enter(std::unique_lock<std::mutex>& lock, Phase phase);

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;  // guarded by mutex_
  // Touched only by the thread that is in a transition. The listener goes last: workers pause it.
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<WorkerPool> workers_;
};

}  // namespace gantry
