// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gantry/log.hpp"
#include "poll_limit.hpp"
#include "refusal.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;

// How long a stopping connection may finish what is under way, and connect for it if need be,
// before its socket is shut down; one that has nothing to do gets only the time to notice, which a
// listener that could not subscribe in time adds to its deadline.
constexpr milliseconds kGrace{2000};
constexpr milliseconds kNotice{100};
// How often a host that takes no connections is asked whether it does, between two attempts.
constexpr milliseconds kKnockEvery{500};

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown error";
  }
}

// Memory, descriptors, threads: what is lacking now may be there at the next attempt.
std::exception_ptr short_of(const std::exception& error) {
  return std::make_exception_ptr(ConnectionLost(fmt::format("given up: {}", error.what())));
}

}  // namespace

void Role::channel_closed(Session&, const ChannelClosed& closed) {
  throw ConnectionLost(closed.what());
}

void Role::on_consumer_cancelled(const std::string& tag) {
  throw ConnectionLost(fmt::format(
      "the broker cancelled the consumer {}: its queue was deleted or moved", printable(tag)));
}

Connection::Connection(const Settings& settings, Role& role)
    : settings_(settings),
      role_(role),
      backoff_(settings.backoff),
      random_(std::random_device()()),
      dialer_(settings, interrupt_),
      thread_([this] { run(); }) {}

Connection::~Connection() { stop(); }

void Connection::begin_stop() noexcept {
  std::call_once(stop_asked_, [this] {
    noticed_by_ = Deadline::after(kNotice);
    mailbox_.close();
    closing_ = true;
    mailbox_.poke();
  });
}

void Connection::stop() {
  begin_stop();
  if (thread_.ended(noticed_by_)) return;
  if ((serving_ || needed_) && thread_.ended(Deadline(noticed_by_.at() + kGrace))) return;
  interrupt_.cut();
  thread_.ended(never);
}

void Connection::run() noexcept {
  while (!interrupt_.raised() && !finished()) keep_session();
  read_letters();
  role_.closed();
}

// Whether a stop was asked for and nothing is under way any more, the last letters included: the
// mailbox was closed before.
bool Connection::finished() {
  if (!closing_) return false;
  read_letters();
  return role_.idle();
}

void Connection::keep_session() {
  if (!role_.wants_session()) {
    wait(-1, never);
    return read_letters();
  }
  needed_ = !role_.idle();
  const auto session = connect();
  if (!session || !open(*session)) return;
  serving_ = true;
  try {
    serve(*session);
    leave(*session);
  } catch (const MessagingException&) {
    lost(drain(*session, std::current_exception()));
  } catch (const std::exception& error) {
    lost(short_of(error));
  }
  serving_ = false;
}

// What the broker had confirmed before the line failed is no matter of doubt, and it may have said
// why it hung up.
std::exception_ptr Connection::drain(Session& session, const std::exception_ptr& error) {
  if (!session.line_failed()) return error;
  try {
    bool more = true;
    while (more) step(session, [&] { more = session.read(role_); });
    return error;
  } catch (const MessagingException&) {
    return session.dismissed() ? std::current_exception() : error;
  }
}

// The pause spares a broker that takes connections and drops them; a session that has lasted longer
// than the pause is replaced at once (decision 15).
void Connection::lost(const std::exception_ptr& error) {
  log_failure(error);
  role_.lost(error);
  dialer_.host_lost();
  const bool rested = rested_.expired();
  if (rested) rested_ = Deadline::after(settings_.reconnect_delay);
  pause((rested ? milliseconds(0) : settings_.reconnect_delay) + splay(), false);
}

// One attempt. Null when none of the hosts would have us.
std::unique_ptr<Session> Connection::connect() {
  try {
    return dialer_.dial();
  } catch (const AuthenticationFailed&) {
    failed(std::current_exception(), true);
  } catch (const TransportDriverError&) {
    failed(std::current_exception(), false);
  } catch (const std::exception& error) {
    failed(short_of(error), false);
  }
  return nullptr;
}

bool Connection::open(Session& session) {
  try {
    role_.opened(session);
  } catch (const ChannelClosed& closed) {
    // Not found is what went between two of our declarations; anything else comes again.
    failed(refusal(closed.what(), closed), !closed.not_found());
    return false;
  } catch (const TransportDriverError&) {
    failed(std::current_exception(), false);
    return false;
  } catch (const std::exception& error) {
    failed(short_of(error), false);
    return false;
  }
  if (failing_)
    log(LogLevel::info,
        fmt::format("rabbit: connected to {} for {}", session.peer(), role_.purpose()));
  failing_ = false;
  backoff_.reset();
  return true;
}

void Connection::serve(Session& session) {
  const std::lock_guard turn(turn_);
  auto heartbeat = heartbeat_due(session);
  while (true) {
    const bool stopping = closing_;
    if (stopping) read_letters();  // the last ones: the mailbox was closed before
    step(session, [&] { role_.turn(session); });
    if (stopping && role_.idle()) return;
    session.release_buffers();
    Ready ready{.input = session.has_input()};
    if (!ready.input) ready = wait_for_input(session, std::min(heartbeat, role_.due()));
    if (ready.letters) read_letters();
    if (ready.input || heartbeat.expired()) {
      step(session, [&] { session.read(role_); });
      heartbeat = heartbeat_due(session);
    }
  }
}

template <class Step>
void Connection::step(Session& session, Step what) {
  try {
    what();
  } catch (const ChannelClosed& closed) {
    role_.channel_closed(session, closed);
  }
}

void Connection::leave(Session& session) noexcept {
  try {
    role_.closing(session);
    session.close();
  } catch (const std::exception& error) {
    log(LogLevel::debug, fmt::format("rabbit: while leaving {}: {}", session.peer(), error.what()));
  }
}

void Connection::read_letters() {
  for (auto& letter : mailbox_.take()) letter();
}

// Until the deadline, a letter, a stop, or input from the socket when there is one.
Connection::Ready Connection::wait(int socket, Deadline deadline) {
  const int interrupt =
      interrupt_.raised() ? -1 : interrupt_.fd();  // readable for ever once raised
  pollfd waits[] = {{mailbox_.fd(), POLLIN, 0}, {socket, POLLIN, 0}, {interrupt, POLLIN, 0}};
  if (::poll(waits, std::size(waits), poll_limit(deadline)) <= 0) return {};
  return {.letters = waits[0].revents != 0, .input = waits[1].revents != 0};
}

// With the turn, which others may have meanwhile.
Connection::Ready Connection::wait_for_input(Session& session, Deadline deadline) {
  lent_ = &session;
  turn_.unlock();
  const auto ready = wait(session.socket(), deadline);
  turn_.lock();
  lent_ = nullptr;
  if (lost_here_) std::rethrow_exception(std::exchange(lost_here_, {}));
  return ready;
}

bool Connection::run_here(const Work& work) {
  if (on_own_thread()) return false;
  const std::unique_lock turn(turn_, std::try_to_lock);
  if (!turn || lent_ == nullptr || !mailbox_.empty()) return false;
  try {
    const bool done = work(*lent_);
    if (lent_->has_input()) mailbox_.poke();  // came with it, and the socket does not tell any more
    return done;
  } catch (const std::exception&) {
    lost_here_ = std::current_exception();
    lent_ = nullptr;
    mailbox_.poke();
    return true;
  }
}

void Connection::failed(const std::exception_ptr& error, bool final) {
  log_failure(error);
  role_.attempt_failed(error, final);
  if (role_.wants_session()) pause(backoff_.next() + splay(), true);
}

// `knocking`: ends early when a host that was down takes connections again.
void Connection::pause(milliseconds duration, bool knocking) {
  const auto end = Deadline::after(duration);
  auto knock = knocking ? Deadline::after(kKnockEvery) : never;
  while (!end.expired() && !interrupt_.raised() && !finished()) {
    wait(-1, std::min(end, knock));
    read_letters();
    if (!knock.expired()) continue;
    if (dialer_.knock()) return;
    knock = Deadline::after(kKnockEvery);
  }
}

milliseconds Connection::splay() {
  std::uniform_int_distribution<milliseconds::rep> upto(0, settings_.reconnect_splay.count());
  return milliseconds(upto(random_));
}

Deadline Connection::heartbeat_due(const Session& session) const {
  const milliseconds heartbeat = session.heartbeat();
  if (heartbeat.count() == 0) return never;
  return Deadline::after(heartbeat / settings_.heartbeat_rate / 2);
}

// Once an outage; what follows from it is for the curious.
void Connection::log_failure(const std::exception_ptr& error) {
  const auto level = failing_ || closing_ ? LogLevel::debug : LogLevel::warning;
  failing_ = true;
  if (!log_enabled(level)) return;
  log(level, fmt::format("rabbit: no connection for {}: {}", role_.purpose(), text_of(error)));
}

}  // namespace gantry::rabbit
