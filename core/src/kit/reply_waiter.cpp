// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/reply_waiter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

using Clock = Deadline::Clock;

TimeoutCause cause_of(const Timeline& timeline) {
  switch (timeline.furthest()) {
    case Stage::accepted:
      return TimeoutCause::connecting;
    case Stage::blocked:
      return TimeoutCause::blocked;
    case Stage::sent:
      return TimeoutCause::unconfirmed;
    case Stage::confirmed:
      return TimeoutCause::no_reply;
    case Stage::handling:
      return TimeoutCause::in_handler;
    case Stage::connected:
    case Stage::replied:
      break;
  }
  return TimeoutCause::unknown;
}

// Of a stage after the operation was accepted; "" where either is not known.
std::string elapsed(const Timeline& timeline, Clock::time_point until, std::string_view before) {
  const auto accepted = timeline.at(Stage::accepted);
  if (!accepted) return {};
  return fmt::format("{}{:.3f} s", before,
                     std::chrono::duration<double>(until - *accepted).count());
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>()(text);
  }
};

// Who waits for what, for the text of an error.
std::string described(const ReplyWaiter::Call& call, std::string_view id) {
  auto text = fmt::format("call '{}' to {} (message {}", call.method, call.target.str(), id);
  if (!call.reply_queue.empty()) text += ", reply queue " + call.reply_queue;
  return text + ')';
}

}  // namespace

MessagingTimeout timeout_error(std::string_view what, const Timeline& timeline,
                               std::optional<TimeoutCause> known) {
  const auto cause = known.value_or(cause_of(timeline));
  return MessagingTimeout(fmt::format("{} timed out{}: {}", what,
                                      elapsed(timeline, Clock::now(), " after "), to_string(cause)),
                          cause);
}

struct ReplyWaiter::State : std::enable_shared_from_this<ReplyWaiter::State> {
  State(Timer& shared_timer, std::shared_ptr<Ledger> counts)
      : timer(shared_timer), ledger(std::move(counts)) {}

  struct Waiting;
  using Calls = std::unordered_map<std::string, Waiting, TextHash, std::equal_to<>>;
  using Due = std::multimap<Deadline, std::string_view>;  // the views are into the keys of `calls`

  using OnGivenUp = std::stop_callback<std::function<void()>>;

  struct Waiting {
    Waiting(Call&& waiting_call, Deadline silent)
        : call(std::move(waiting_call)), silent_until(silent) {}

    Call call;
    Deadline silent_until;  // of the call monitor
    Due::iterator due{};
    std::optional<wire::ReplyBody> answer{};  // the first half of a legacy two-part reply
    std::string last_unique_id{};
    std::unique_ptr<OnGivenUp> on_given_up{};  // null where nobody can give the call up
  };

  // Not owned: a callback may be the last to hold this state, and must not end its own thread.
  Timer& timer;
  const std::shared_ptr<Ledger> ledger;

  std::mutex mutex;
  Calls calls;             // guarded by mutex, as all below
  Due due;                 // when each call that can time out does so next
  Due::node_type spare;    // of a call that has ended, for the next one
  Deadline armed = never;  // one entry of the timer serves all calls
  Timer::Id armed_id{};
  std::size_t leak_threshold = 10;

  std::mutex diagnosis_mutex;  // held during a diagnosis, so that it ends before its owner does
  Diagnose diagnose;           // guarded by diagnosis_mutex

  static Deadline next_due(const Waiting& waiting) {
    return std::min(waiting.call.deadline, waiting.silent_until);
  }

  void schedule(Calls::iterator entry);
  Due::iterator insert_due(Deadline at, std::string_view id);
  void unschedule(Waiting& waiting);
  void arm();
  void expire();
  std::exception_ptr error_of(const std::string& id, const Waiting& waiting);
  std::unique_ptr<OnGivenUp> end_when(const std::stop_token& given_up, std::string_view id);
  bool fail(std::string_view id, std::exception_ptr error);
  void give_up(std::string_view id);

  // Whoever takes a call out of the map ends it, so each ends once.
  // Its end is told, and it is destroyed, after the lock is released: what gives it up takes that.
  Calls::node_type take(Calls::iterator entry) {
    unschedule(entry->second);
    return calls.extract(entry);
  }
  bool note(Calls::iterator entry, wire::ReplyBody reply);
  void restart_monitor(Calls::iterator entry);
  static void finish(Waiting& waiting, wire::ReplyBody&& reply);
  std::size_t leaking();
};

void ReplyWaiter::State::schedule(Calls::iterator entry) {
  auto& waiting = entry->second;
  const auto at = next_due(waiting);
  waiting.due = at.is_never() ? due.end() : insert_due(at, entry->first);
  arm();
}

// Mostly the last one: calls have the same timeout.
ReplyWaiter::State::Due::iterator ReplyWaiter::State::insert_due(Deadline at, std::string_view id) {
  if (!spare) return due.emplace_hint(due.end(), at, id);
  spare.key() = at;
  spare.mapped() = id;
  return due.insert(due.end(), std::move(spare));
}

void ReplyWaiter::State::unschedule(Waiting& waiting) {
  if (waiting.due != due.end()) spare = due.extract(std::exchange(waiting.due, due.end()));
}

// The timer is set earlier when need be and never later: an entry that comes too soon finds nothing
// expired and sets the next one. So a call that is answered costs the timer nothing.
void ReplyWaiter::State::arm() {
  if (due.empty() || armed <= due.begin()->first) return;
  if (!armed.is_never()) timer.cancel(armed_id);
  armed = due.begin()->first;
  armed_id = timer.at(armed, [weak = weak_from_this()] {
    if (const auto state = weak.lock()) state->expire();
  });
}

void ReplyWaiter::State::expire() {
  std::vector<Calls::node_type> expired;
  {
    const std::lock_guard lock(mutex);
    armed = never;
    while (!due.empty() && due.begin()->first.expired()) {
      expired.push_back(take(calls.find(due.begin()->second)));
    }
    arm();
  }
  for (auto& call : expired) {
    call.mapped().call.done.fail(error_of(call.key(), call.mapped()));
  }
}

std::exception_ptr ReplyWaiter::State::error_of(const std::string& id, const Waiting& waiting) {
  const auto& call = waiting.call;
  std::optional<TimeoutCause> cause;
  if (!call.deadline.expired()) {
    cause = TimeoutCause::no_heartbeat;
  } else {
    const std::lock_guard lock(diagnosis_mutex);
    if (diagnose) cause = diagnose(id);
  }
  return std::make_exception_ptr(timeout_error(described(call, id), *call.timeline, cause));
}

std::unique_ptr<ReplyWaiter::State::OnGivenUp> ReplyWaiter::State::end_when(
    const std::stop_token& given_up, std::string_view id) {
  if (!given_up.stop_possible()) return nullptr;
  return std::make_unique<OnGivenUp>(given_up, [weak = weak_from_this(), id = std::string(id)] {
    if (const auto state = weak.lock()) state->give_up(id);
  });
}

void ReplyWaiter::State::give_up(std::string_view id) {
  fail(id, std::make_exception_ptr(OperationCancelled("the call was given up by its caller")));
}

bool ReplyWaiter::State::fail(std::string_view id, std::exception_ptr error) {
  Calls::node_type ended;
  {
    const std::lock_guard lock(mutex);
    const auto entry = calls.find(id);
    if (entry == calls.end()) return false;
    ended = take(entry);
  }
  ended.mapped().call.done.fail(std::move(error));
  return true;
}

// What does not end the call: a heartbeat, or the first half of an answer in two parts. False: seen
// already.
bool ReplyWaiter::State::note(Calls::iterator entry, wire::ReplyBody reply) {
  auto& waiting = entry->second;
  if (!reply.unique_id.empty() && waiting.last_unique_id == reply.unique_id) return false;
  waiting.last_unique_id = reply.unique_id;
  if (reply.is_heartbeat()) {
    waiting.call.timeline->reach(Stage::handling);
    restart_monitor(entry);
  } else {
    waiting.answer = std::move(reply);
  }
  return true;
}

// Without a monitor a heartbeat restarts nothing (RPLY-9).
void ReplyWaiter::State::restart_monitor(Calls::iterator entry) {
  auto& waiting = entry->second;
  if (!waiting.call.monitor) return;
  unschedule(waiting);
  waiting.silent_until = Deadline::after(*waiting.call.monitor);
  schedule(entry);
}

// How many calls wait, each time that this passes a threshold, which then doubles; otherwise 0.
std::size_t ReplyWaiter::State::leaking() {
  if (calls.size() <= leak_threshold) return 0;
  leak_threshold *= 2;
  return calls.size();
}

// The last reply to a call; one without a result completes an answer in two parts (RPLY-7).
void ReplyWaiter::State::finish(Waiting& waiting, wire::ReplyBody&& reply) {
  const bool second_half = waiting.answer && !reply.failure && reply.result.is_null();
  auto& answer = second_half ? *waiting.answer : reply;
  waiting.call.timeline->reach(Stage::replied);
  if (answer.failure) {
    auto error = std::make_exception_ptr(RemoteError(std::move(*answer.failure)));
    waiting.call.done.fail(std::move(error));
  } else {
    waiting.call.done.succeed(std::move(answer.result));
  }
}

ReplyWaiter::ReplyWaiter(std::shared_ptr<Ledger> ledger)
    : timer_(Timer::shared()), state_(std::make_shared<State>(*timer_, std::move(ledger))) {}

ReplyWaiter::~ReplyWaiter() {
  set_diagnosis({});
  fail_all(std::make_exception_ptr(TransportClosed("the transport was closed during the call")));
  const std::lock_guard lock(state_->mutex);
  if (!state_->armed.is_never()) timer_->cancel(state_->armed_id);
}

void ReplyWaiter::add(std::string_view id, Call call) {
  const auto silent_until = call.monitor ? Deadline::after(*call.monitor) : never;
  const auto given_up = call.given_up;
  auto on_given_up = state_->end_when(given_up, id);
  std::size_t leaking = 0;
  {
    const std::lock_guard lock(state_->mutex);
    const auto [entry, added] =
        state_->calls.try_emplace(std::string(id), std::move(call), silent_until);
    if (!added) throw InvalidArgument("a call waits under this id already: " + std::string(id));
    entry->second.on_given_up = std::move(on_given_up);
    state_->schedule(entry);
    leaking = state_->leaking();
  }
  if (given_up.stop_requested()) state_->give_up(id);  // maybe before there was anything to end
  if (leaking == 0) return;
  log(LogLevel::warning,
      fmt::format("{} calls wait for a reply, more than ever before here: is a server too slow, or "
                  "do callers abandon their calls?",
                  leaking));
}

bool ReplyWaiter::deliver(wire::ReplyBody reply) {
  State::Calls::node_type ended;
  {
    const std::lock_guard lock(state_->mutex);
    const auto entry = state_->calls.find(reply.msg_id);
    if (entry == state_->calls.end()) {
      if (reply.ending) state_->ledger->count(Mishap::late_reply);
      return false;
    }
    if (!reply.ending) return state_->note(entry, std::move(reply));
    ended = state_->take(entry);
  }
  State::finish(ended.mapped(), std::move(reply));
  return true;
}

bool ReplyWaiter::fail(std::string_view id, std::exception_ptr error) {
  return state_->fail(id, std::move(error));
}

void ReplyWaiter::fail_all(std::exception_ptr error) {
  State::Calls ended;
  {
    const std::lock_guard lock(state_->mutex);
    state_->due.clear();
    ended.swap(state_->calls);
  }
  for (auto& [id, waiting] : ended) waiting.call.done.fail(error);
}

void ReplyWaiter::lose_replies() {
  std::vector<State::Calls::node_type> lost;
  {
    const std::lock_guard lock(state_->mutex);
    auto& calls = state_->calls;
    for (auto entry = calls.begin(); entry != calls.end();) {
      const auto here = entry++;
      const auto& timeline = *here->second.call.timeline;
      if (timeline.furthest() >= Stage::sent) lost.push_back(state_->take(here));
    }
  }
  for (auto& entry : lost) {
    auto& call = entry.mapped().call;
    call.done.fail(MessagingTimeout(
        fmt::format("{} lost its reply: the reply queue was deleted; the request may or may not "
                    "have run",
                    described(call, entry.key())),
        TimeoutCause::reply_lost));
  }
}

std::size_t ReplyWaiter::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->calls.size();
}

void ReplyWaiter::set_diagnosis(Diagnose diagnose) {
  const std::lock_guard lock(state_->diagnosis_mutex);
  state_->diagnose = std::move(diagnose);
}

}  // namespace gantry
