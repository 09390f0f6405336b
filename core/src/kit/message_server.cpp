// SPDX-License-Identifier: Apache-2.0
#include "message_server.hpp"

#include <fmt/format.h>

#include <utility>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

constinit thread_local const MessageServer* serving_for = nullptr;  // whose handler runs here

// A batch that waits for a worker, and how its messages end when none begins it.
struct Accepted {
  Accepted(Ledger& of, Receipt end, Batch messages)
      : ledger(of), unserved(end), batch(std::move(messages)) {}
  Accepted(const Accepted&) = delete;
  ~Accepted() { ledger.count(unserved, batch.size()); }

  Ledger& ledger;
  const Receipt unserved;
  Batch batch;
};

}  // namespace

bool is_inline_executor(const std::string& executor) {
  if (executor == "inline") return true;
  if (executor == "threading") return false;
  throw ExecutorLoadFailure(executor);
}

WorkerPool::Limits worker_limits(const std::string& who, std::size_t workers, std::size_t backlog) {
  if (workers == 0) throw InvalidArgument("a " + who + " needs at least one worker");
  return {workers, backlog == 0 ? 2 * workers : backlog};
}

MessageServer::~MessageServer() {
  stop();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ == Phase::idle || phase_ == Phase::stopped; });
  if (phase_ == Phase::stopped) finish(lock, Deadline::after(parts_.shutdown_timeout));
}

void MessageServer::enter(std::unique_lock<std::mutex>& lock, Phase phase) {
  if (!lock.owns_lock()) lock.lock();
  phase_ = phase;
  changed_.notify_all();
}

void MessageServer::start(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] {
    return phase_ == Phase::idle || phase_ == Phase::running || phase_ == Phase::stopped;
  };
  if (!deadline.wait(changed_, lock, settled)) {
    throw MessagingTimeout("the server is still busy with an earlier start or stop");
  }
  if (phase_ == Phase::running) return;
  if (phase_ == Phase::stopped) finish(lock, never);
  enter(lock, Phase::starting);
  lock.unlock();
  try {
    subscribe(deadline);
  } catch (...) {
    workers_.reset();
    listener_.reset();
    enter(lock, Phase::idle);
    throw;
  }
  enter(lock, Phase::running);
}

void MessageServer::subscribe(Deadline deadline) {
  listener_ = parts_.listen(deadline);
  workers_ = std::make_unique<WorkerPool>(
      parts_.limits, [this] { listener_->pause(); }, [this] { listener_->resume(); });
  listener_->start([this](Batch batch) { accept(std::move(batch)); });
}

void MessageServer::accept(Batch batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) parts_.ledger.receive();
  if (parts_.is_inline) return serve(std::move(batch));
  // Shared only because a job has to be copyable.
  auto accepted = std::make_shared<Accepted>(parts_.ledger, parts_.unserved, std::move(batch));
  workers_->run(
      [this, accepted = std::move(accepted)] { serve(std::exchange(accepted->batch, {})); });
}

void MessageServer::serve(Batch batch) const {
  const auto* const former = std::exchange(serving_for, this);
  parts_.serve(std::move(batch));
  serving_for = former;
}

void MessageServer::stop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ != Phase::starting && phase_ != Phase::stopping; });
  if (phase_ != Phase::running) return;
  enter(lock, Phase::stopping);
  lock.unlock();
  listener_->stop();
  enter(lock, Phase::stopped);
}

void MessageServer::wait() {
  if (serving_for == this) {
    throw WouldDeadlock("wait() was called by a handler of the server that it waits for");
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ == Phase::idle || phase_ == Phase::stopped; });
  if (phase_ == Phase::stopped) finish(lock, never);
}

void MessageServer::finish(std::unique_lock<std::mutex>& lock, Deadline deadline) {
  enter(lock, Phase::finishing);
  lock.unlock();
  if (const auto dropped = workers_->finish(deadline); dropped != 0) {
    log(LogLevel::error, fmt::format("{} was destroyed with {} accepted requests that no worker "
                                     "had begun: they were {}",
                                     parts_.name, dropped, to_string(parts_.unserved)));
  }
  workers_.reset();
  listener_.reset();
  enter(lock, Phase::idle);
}

}  // namespace gantry
