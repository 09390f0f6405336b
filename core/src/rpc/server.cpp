// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/server.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "call_monitor.hpp"
#include "dispatcher.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/timer.hpp"
#include "gantry/kit/worker_pool.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

Endpoint ping_endpoint() {
  return Endpoint().method("oslo_rpc_server_ping", {}, [] { return "pong"; });
}

std::vector<Endpoint> with_ping(std::vector<Endpoint> endpoints, bool ping) {
  if (ping) endpoints.push_back(ping_endpoint());
  return endpoints;
}

}  // namespace

class RpcServer::Impl {
 public:
  Impl(Transport& transport, Target target, std::vector<Endpoint> endpoints, ServerOptions options)
      : transport_(transport),
        target_(std::move(target)),
        dispatcher_(with_ping(std::move(endpoints), options.ping)),
        limits_{options.workers, options.backlog == 0 ? 2 * options.workers : options.backlog} {
    if (options.workers == 0) throw InvalidArgument("a server needs at least one worker");
  }

  void start(Deadline deadline);
  void stop();
  void wait();

 private:
  // A cycle goes idle → starting → running → stopping → stopped → finishing → idle. The threads
  // that find another one in a transition wait for its end.
  enum class Phase { idle, starting, running, stopping, stopped, finishing };

  void subscribe(Deadline deadline);
  void serve(IncomingMessage& request) const;
  void finish(std::unique_lock<std::mutex>& lock);
  void enter(std::unique_lock<std::mutex>& lock, Phase phase);

  Transport& transport_;
  const Target target_;
  const Dispatcher dispatcher_;
  const WorkerPool::Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;  // guarded by mutex_
  // Touched only by the thread that is in a transition. The listener goes last: workers pause it.
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<WorkerPool> workers_;
  std::shared_ptr<Timer> timer_;  // shared by the process
};

void RpcServer::Impl::enter(std::unique_lock<std::mutex>& lock, Phase phase) {
  if (!lock.owns_lock()) lock.lock();
  phase_ = phase;
  changed_.notify_all();
}

void RpcServer::Impl::start(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] {
    return phase_ == Phase::idle || phase_ == Phase::running || phase_ == Phase::stopped;
  };
  if (!deadline.wait(changed_, lock, settled)) {
    throw MessagingTimeout("the server is still busy with an earlier start or stop");
  }
  if (phase_ == Phase::running) return;
  if (phase_ == Phase::stopped) finish(lock);
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

void RpcServer::Impl::subscribe(Deadline deadline) {
  timer_ = Timer::shared();
  listener_ = transport_.listen(target_, {.on_any_thread = true}, deadline);
  workers_ = std::make_unique<WorkerPool>(
      limits_, [this] { listener_->pause(); }, [this] { listener_->resume(); });
  listener_->start([this](Batch batch) {
    for (auto& message : batch) {
      // Shared only because a job has to be copyable.
      workers_->run([this, request = std::shared_ptr<IncomingMessage>(std::move(message))] {
        serve(*request);
      });
    }
  });
}

void RpcServer::Impl::serve(IncomingMessage& request) const {
  request.acknowledge();
  if (request.facts().deadline.expired()) {
    log(LogLevel::debug, "request " + request.facts().id + " dropped: its caller has given up");
    return;
  }
  Reply reply;
  {
    const CallMonitor monitor(*timer_, request);
    reply = dispatcher_.dispatch(request);
  }
  request.reply(std::move(reply));
}

void RpcServer::Impl::stop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ != Phase::starting && phase_ != Phase::stopping; });
  if (phase_ != Phase::running) return;
  enter(lock, Phase::stopping);
  lock.unlock();
  listener_->stop();
  enter(lock, Phase::stopped);
}

void RpcServer::Impl::wait() {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::idle && phase_ != Phase::starting && workers_->on_worker()) {
    throw WouldDeadlock("wait() was called by a handler of the server that it waits for");
  }
  changed_.wait(lock, [this] { return phase_ == Phase::idle || phase_ == Phase::stopped; });
  if (phase_ == Phase::stopped) finish(lock);
}

void RpcServer::Impl::finish(std::unique_lock<std::mutex>& lock) {
  enter(lock, Phase::finishing);
  lock.unlock();
  workers_->finish();
  lock.lock();
  workers_.reset();
  lock.unlock();
  listener_.reset();
  timer_.reset();
  enter(lock, Phase::idle);
}

RpcServer::RpcServer(Transport& transport, Target target, std::vector<Endpoint> endpoints,
                     ServerOptions options)
    : impl_(std::make_unique<Impl>(transport, std::move(target), std::move(endpoints), options)) {}

RpcServer::~RpcServer() {
  impl_->stop();
  impl_->wait();
}

void RpcServer::start(Deadline deadline) { impl_->start(deadline); }
void RpcServer::stop() { impl_->stop(); }
void RpcServer::wait() { impl_->wait(); }

}  // namespace gantry
