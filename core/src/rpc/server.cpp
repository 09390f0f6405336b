// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/server.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "call_monitor.hpp"
#include "dispatcher.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/timer.hpp"
#include "gantry/kit/worker_pool.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

constexpr const char* kPings[] = {"oslo_rpc_server_ping", "gantry_ping"};

void warn_of_own_ping(const std::vector<Endpoint>& endpoints) {
  for (const auto* const ping : kPings) {
    for (const auto& endpoint : endpoints) {
      if (endpoint.find(ping) == nullptr) continue;
      log(LogLevel::warning, std::string("an endpoint has a method '") + ping +
                                 "', which answers in place of the server's own");
    }
  }
}

// Last, so that a method of the application's comes before it (DISP-13).
std::vector<Endpoint> with_ping(std::vector<Endpoint> endpoints, bool ping) {
  warn_of_own_ping(endpoints);
  if (!ping) return endpoints;
  auto& answering = endpoints.emplace_back();
  for (const auto* const name : kPings) answering.method(name, {}, [] { return "pong"; });
  return endpoints;
}

WorkerPool::Limits limits_of(const ServerOptions& options, const Transport::Settings& settings) {
  const auto workers = options.workers.value_or(settings.executor_thread_pool_size);
  if (workers == 0) throw InvalidArgument("a server needs at least one worker");
  return {workers, options.backlog == 0 ? 2 * workers : options.backlog};
}

bool is_inline(const std::string& executor) {
  if (executor == "inline") return true;
  if (executor == "threading") return false;
  throw ExecutorLoadFailure(executor);
}

}  // namespace

class RpcServer::Impl {
 public:
  Impl(Transport& transport, Target target, std::vector<Endpoint> endpoints, ServerOptions options)
      : transport_(transport),
        target_(std::move(target)),
        dispatcher_(with_ping(std::move(endpoints),
                              options.ping.value_or(transport.settings().rpc_ping_enabled)),
                    std::move(options.access_policy), std::move(options.serializer)),
        limits_(limits_of(options, transport.settings())),
        inline_(is_inline(options.executor)),
        shutdown_timeout_(options.shutdown_timeout) {}
  ~Impl();

  void start(Deadline deadline);
  void stop();
  void wait();

 private:
  // A cycle goes idle → starting → running → stopping → stopped → finishing → idle. The threads
  // that find another one in a transition wait for its end.
  enum class Phase { idle, starting, running, stopping, stopped, finishing };

  void subscribe(Deadline deadline);
  void accept(std::unique_ptr<IncomingMessage> request);
  void serve(IncomingMessage& request) const;
  void answer(IncomingMessage& request) const;
  void finish(std::unique_lock<std::mutex>& lock, Deadline deadline = never);
  void enter(std::unique_lock<std::mutex>& lock, Phase phase);

  Transport& transport_;
  const Target target_;
  const Dispatcher dispatcher_;
  const WorkerPool::Limits limits_;
  const bool inline_;
  const std::chrono::milliseconds shutdown_timeout_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;                             // guarded by mutex_
  static constinit thread_local const Impl* serving_for;  // whose handler runs on this thread
  // Touched only by the thread that is in a transition. The listener goes last: workers pause it.
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<WorkerPool> workers_;
  std::shared_ptr<Timer> timer_;  // shared by the process
};

constinit thread_local const RpcServer::Impl* RpcServer::Impl::serving_for = nullptr;

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

void RpcServer::Impl::subscribe(Deadline deadline) try {
  timer_ = Timer::shared();
  listener_ = transport_.listen(target_, {.on_any_thread = true}, deadline);
  workers_ = std::make_unique<WorkerPool>(
      limits_, [this] { listener_->pause(); }, [this] { listener_->resume(); });
  listener_->start([this](Batch batch) {
    for (auto& message : batch) accept(std::move(message));
  });
} catch (const TransportDriverError&) {
  throw ServerListenError(target_, std::current_exception());
}

void RpcServer::Impl::accept(std::unique_ptr<IncomingMessage> request) {
  transport_.ledger().receive();
  if (inline_) return serve(*request);
  // Shared only because a job has to be copyable.
  workers_->run([this, request = std::shared_ptr(std::move(request))] { serve(*request); });
}

void RpcServer::Impl::serve(IncomingMessage& request) const {
  const auto* const former = std::exchange(serving_for, this);
  answer(request);
  serving_for = former;
}

void RpcServer::Impl::answer(IncomingMessage& request) const {
  request.acknowledge();
  const auto& id = request.facts().id;
  if (request.facts().deadline.expired()) {
    transport_.ledger().count(Receipt::expired);
    log(LogLevel::debug, "request " + id + " dropped: its caller has given up");
    return;
  }
  const bool told = log_enabled(LogLevel::debug);
  if (told) {
    log(LogLevel::debug,
        "request " + id + " received: " + Dispatcher::describe(request.message().body));
  }
  const auto began = told ? Clock::now() : Clock::time_point();
  Reply reply;
  {
    const CallMonitor monitor(*timer_, request);
    reply = dispatcher_.dispatch(request);
  }
  if (told) {
    log(LogLevel::debug, fmt::format("request {} ended: {} after {:.3f} s", id,
                                     std::holds_alternative<Failure>(reply) ? "failure" : "success",
                                     std::chrono::duration<double>(Clock::now() - began).count()));
  }
  transport_.ledger().count(!request.facts().wants_reply             ? Receipt::handled
                            : std::holds_alternative<Failure>(reply) ? Receipt::failed
                                                                     : Receipt::answered);
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
  if (serving_for == this) {
    throw WouldDeadlock("wait() was called by a handler of the server that it waits for");
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ == Phase::idle || phase_ == Phase::stopped; });
  if (phase_ == Phase::stopped) finish(lock);
}

void RpcServer::Impl::finish(std::unique_lock<std::mutex>& lock, Deadline deadline) {
  enter(lock, Phase::finishing);
  lock.unlock();
  const auto dropped = workers_->finish(deadline);
  transport_.ledger().count(Receipt::dropped, dropped);
  if (dropped != 0) {
    log(LogLevel::error, fmt::format("the server {} was destroyed with {} accepted requests that "
                                     "no worker had begun: they were dropped",
                                     target_.str(), dropped));
  }
  lock.lock();
  workers_.reset();
  lock.unlock();
  listener_.reset();
  timer_.reset();
  enter(lock, Phase::idle);
}

RpcServer::Impl::~Impl() {
  stop();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ == Phase::idle || phase_ == Phase::stopped; });
  if (phase_ == Phase::stopped) finish(lock, Deadline::after(shutdown_timeout_));
}

RpcServer::RpcServer(Transport& transport, Target target, std::vector<Endpoint> endpoints,
                     ServerOptions options)
    : impl_(std::make_unique<Impl>(transport, std::move(target), std::move(endpoints),
                                   std::move(options))) {}

RpcServer::~RpcServer() = default;

void RpcServer::start(Deadline deadline) { impl_->start(deadline); }
void RpcServer::stop() { impl_->stop(); }
void RpcServer::wait() { impl_->wait(); }

}  // namespace gantry
