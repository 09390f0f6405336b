// SPDX-License-Identifier: Apache-2.0
#include "gantry/transport.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <optional>
#include <utility>

#include "target_names.hpp"

namespace gantry {
namespace {

using namespace std::chrono_literals;

// A driver tells the end by the deadline; one that does not is given up so much later.
constexpr auto kGrace = 1s;

void require_topic(const Target& target) {
  if (target.topic.value_or("").empty()) throw InvalidTarget("a topic is required", target);
  check_names(target);
}

[[noreturn]] void unsupported(const Transport::Settings& settings, const char* verb) {
  throw UnsupportedFeature("the driver '" + settings.url.driver() + "' does not support " + verb);
}

// How many forks lie between this process and the first one that opened a transport.
unsigned generation() noexcept {
  static constinit std::atomic<unsigned> forks{0};
  [[maybe_unused]] static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  return forks.load(std::memory_order_relaxed);
}

constexpr Sending success(const Completion<void>&) { return Sending::confirmed; }
constexpr Sending success(const Completion<Value>&) { return Sending::answered; }

template <class T>
Completion<T> counted_in(const std::shared_ptr<Ledger>& ledger, Completion<T> done) {
  ledger->begin();
  return Completion<T>([ledger, done = std::move(done)](Outcome<T> outcome) mutable {
    ledger->count(outcome.failed() ? sending_ended_by(outcome.error()) : success(done));
    done.tell(std::move(outcome));
  });
}

// Waits for the end of one operation.
template <class T>
class Waiter {
 public:
  Completion<T> completion() {
    return Completion<T>([state = state_](Outcome<T> outcome) {
      {
        const std::lock_guard lock(state->mutex);
        state->outcome = std::move(outcome);
      }
      state->changed.notify_one();
    });
  }

  T wait(Deadline deadline) {
    const auto limit = deadline.is_never() ? never : Deadline(deadline.at() + kGrace);
    std::unique_lock lock(state_->mutex);
    if (!limit.wait(state_->changed, lock, [this] { return state_->outcome.has_value(); })) {
      throw MessagingTimeout("the driver did not end the operation by its deadline");
    }
    return std::move(*state_->outcome).get();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Outcome<T>> outcome;
  };
  // Shared with the completion, which may be told after the wait was given up.
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

Transport::Transport(std::unique_ptr<BaseDriver> driver, Settings settings)
    : settings_(std::move(settings)), features_(driver->features()), opened_in_(generation()) {
  auto released = std::make_shared<std::promise<void>>();  // shared: a deleter has to be copyable
  released_ = released->get_future().share();
  driver_ = std::shared_ptr<BaseDriver>(driver.release(), [released](BaseDriver* gone) {
    delete gone;
    released->set_value();
  });
}

Transport::~Transport() { close(); }

bool Transport::forked() const noexcept { return generation() != opened_in_; }

void Transport::close() {
  if (forked()) {
    // The driver's threads do not exist here, and its sockets are the parent's.
    static_cast<void>(new std::shared_ptr<BaseDriver>(std::move(driver_)));
    return;
  }
  {
    std::shared_ptr<BaseDriver> closing;  // destroyed after the lock is released
    const std::lock_guard lock(mutex_);
    closing.swap(driver_);
  }
  released_.wait();
}

std::shared_ptr<BaseDriver> Transport::driver() const {
  if (forked()) {
    throw ForkedTransport("the transport " + settings_.url.redacted() +
                          " was opened before this process was forked: open it after the fork");
  }
  const std::lock_guard lock(mutex_);
  if (!driver_) throw TransportClosed("the transport " + settings_.url.redacted() + " is closed");
  return driver_;
}

template <class Verb>
auto Transport::fenced(Verb verb) const {
  const auto held = driver();
  const auto failed = [this](const char* why) {
    return TransportDriverError("the driver '" + settings_.url.driver() + "' failed: " + why);
  };
  try {
    return verb(*held);
  } catch (const MessagingException&) {
    throw;
  } catch (const std::exception& error) {
    throw failed(error.what());
  } catch (...) {
    throw failed("it threw something that is no std::exception");
  }
}

template <class T, class Verb>
void Transport::start(const Target& target, bool supported, const char* verb, Completion<T> done,
                      Verb run) {
  auto counted = counted_in(settings_.ledger, std::move(done));
  try {
    require_topic(target);
    if (!supported) unsupported(settings_, verb);
    fenced([&](BaseDriver& driver) { run(driver, std::move(counted)); });
  } catch (...) {
    if (counted) counted.fail(std::current_exception());
  }
}

void Transport::send(const Target& target, Message message, const SendOptions& options,
                     Completion<void> done) {
  start(target, features_.rpc, "RPC", std::move(done),
        [&](BaseDriver& driver, Completion<void>&& counted) {
          driver.send(target, std::move(message), options, std::move(counted));
        });
}

void Transport::call(const Target& target, Message message, const CallOptions& options,
                     Completion<Value> done) {
  start(target, features_.rpc, "RPC", std::move(done),
        [&](BaseDriver& driver, Completion<Value>&& counted) {
          driver.call(target, std::move(message), options, std::move(counted));
        });
}

void Transport::send_notification(const Target& target, Message message, Envelope envelope,
                                  const SendOptions& options, Completion<void> done) {
  start(target, features_.notifications, "notifications", std::move(done),
        [&](BaseDriver& driver, Completion<void>&& counted) {
          driver.send_notification(target, std::move(message), envelope, options,
                                   std::move(counted));
        });
}

std::unique_ptr<Listener> Transport::listen(const Target& target, const BatchOptions& batch,
                                            Deadline deadline) {
  require_topic(target);
  if (target.server.value_or("").empty()) throw InvalidTarget("a server name is required", target);
  if (!features_.rpc) unsupported(settings_, "RPC");
  return fenced([&](BaseDriver& driver) { return driver.listen(target, batch, deadline); });
}

std::unique_ptr<Listener> Transport::listen_for_notifications(
    std::span<const Subscription> subscriptions, std::string_view pool, const BatchOptions& batch,
    Deadline deadline) {
  for (const auto& subscription : subscriptions) require_topic(subscription.target);
  if (!features_.notifications) unsupported(settings_, "notifications");
  if (!pool.empty() && !features_.pools) unsupported(settings_, "pools");
  return fenced([&](BaseDriver& driver) {
    return driver.listen_for_notifications(subscriptions, pool, batch, deadline);
  });
}

void Transport::send(const Target& target, Message message, const SendOptions& options) {
  Waiter<void> waiter;
  send(target, std::move(message), options, waiter.completion());
  waiter.wait(options.deadline);
}

Value Transport::call(const Target& target, Message message, const CallOptions& options) {
  Waiter<Value> waiter;
  auto waiting = options;
  waiting.caller_waits = true;
  call(target, std::move(message), waiting, waiter.completion());
  return waiter.wait(options.deadline);
}

void Transport::send_notification(const Target& target, Message message, Envelope envelope,
                                  const SendOptions& options) {
  Waiter<void> waiter;
  send_notification(target, std::move(message), envelope, options, waiter.completion());
  waiter.wait(options.deadline);
}

}  // namespace gantry
