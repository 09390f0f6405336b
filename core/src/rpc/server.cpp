// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/server.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "../kit/message_server.hpp"
#include "call_monitor.hpp"
#include "dispatcher.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/timer.hpp"
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

}  // namespace

class RpcServer::Impl {
 public:
  Impl(Transport& transport, Target target, std::vector<Endpoint> endpoints, ServerOptions options)
      : transport_(transport),
        target_(std::move(target)),
        dispatcher_(with_ping(std::move(endpoints),
                              options.ping.value_or(transport.settings().rpc_ping_enabled)),
                    std::move(options.access_policy), std::move(options.serializer)),
        server_(
            {.name = "the server " + target_.str(),
             .ledger = transport.ledger(),
             .listen = [this](Deadline deadline) { return listen(deadline); },
             .serve = [this](const Batch& batch) { serve(batch); },
             .limits = worker_limits(
                 "server", options.workers.value_or(transport.settings().executor_thread_pool_size),
                 options.backlog),
             .is_inline = is_inline_executor(options.executor),
             .shutdown_timeout = options.shutdown_timeout}) {}

  MessageServer& server() { return server_; }

 private:
  std::unique_ptr<Listener> listen(Deadline deadline);
  void serve(const Batch& batch) const;
  void answer(IncomingMessage& request) const;

  Transport& transport_;
  const Target target_;
  const Dispatcher dispatcher_;
  const std::shared_ptr<Timer> timer_ = Timer::shared();  // of the process
  MessageServer server_;                                  // last: its handlers use the others
};

std::unique_ptr<Listener> RpcServer::Impl::listen(Deadline deadline) try {
  return transport_.listen(target_, {.on_any_thread = true}, deadline);
} catch (const TransportDriverError&) {
  throw ServerListenError(target_, std::current_exception());
}

void RpcServer::Impl::serve(const Batch& batch) const {
  for (const auto& request : batch) answer(*request);
}

void RpcServer::Impl::answer(IncomingMessage& request) const {
  request.acknowledge();
  const auto id = [&] { return printable(request.facts().id); };  // it is the caller's
  if (request.facts().deadline.expired()) {
    transport_.ledger().count(Receipt::expired);
    log(LogLevel::debug, "request " + id() + " dropped: its caller has given up");
    return;
  }
  const bool told = log_enabled(LogLevel::debug);
  if (told) {
    log(LogLevel::debug,
        "request " + id() + " received: " + Dispatcher::describe(request.message().body));
  }
  const auto began = told ? Clock::now() : Clock::time_point();
  Reply reply;
  {
    const CallMonitor monitor(*timer_, request);
    reply = dispatcher_.dispatch(request);
  }
  if (told) {
    log(LogLevel::debug, fmt::format("request {} ended: {} after {:.3f} s", id(),
                                     std::holds_alternative<Failure>(reply) ? "failure" : "success",
                                     std::chrono::duration<double>(Clock::now() - began).count()));
  }
  transport_.ledger().count(!request.facts().wants_reply             ? Receipt::handled
                            : std::holds_alternative<Failure>(reply) ? Receipt::failed
                                                                     : Receipt::answered);
  request.reply(std::move(reply));
}

RpcServer::RpcServer(Transport& transport, Target target, std::vector<Endpoint> endpoints,
                     ServerOptions options)
    : impl_(std::make_unique<Impl>(transport, std::move(target), std::move(endpoints),
                                   std::move(options))) {}

RpcServer::~RpcServer() = default;

void RpcServer::start(Deadline deadline) { impl_->server().start(deadline); }
void RpcServer::stop() { impl_->server().stop(); }
void RpcServer::wait() { impl_->server().wait(); }

}  // namespace gantry
