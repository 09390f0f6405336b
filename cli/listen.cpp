// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "duration_option.hpp"
#include "errors.hpp"
#include "gantry/notify/listener.hpp"
#include "list_option.hpp"
#include "listening.hpp"
#include "output.hpp"
#include "priorities.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

using std::chrono::milliseconds;

struct Listen {
  std::string url{};
  std::vector<std::string> topics{};
  std::optional<std::string> exchange{};
  std::vector<std::string> priorities{};  // empty: all
  std::string pool{};
  std::size_t batch = 1;
  std::optional<milliseconds> batch_timeout{};
  bool requeue_once = false;
  std::optional<std::size_t> max{};
  std::optional<milliseconds> timeout{};

  std::vector<Target> targets() const {
    std::vector<Target> targets;
    for (const auto& topic : topics) targets.push_back({.exchange = exchange, .topic = topic});
    return targets;
  }
  // One worker: lines stand in the order of arrival, and what is left comes behind them.
  ListenerOptions options(bool can_requeue) const {
    return {.pool = pool,
            .batch = {.size = batch, .timeout = batch_timeout.value_or(std::chrono::seconds(1))},
            .allow_requeue = requeue_once || can_requeue,
            .workers = 1};
  }
  Listening::Rules rules(bool can_requeue, bool json) const {
    return {.most = max,
            .requeue_once = requeue_once,
            .json = json,
            .spare = can_requeue ? NotificationResult::requeue : NotificationResult::leave};
  }
};

std::vector<Priority> priorities_of(const Listen& listen) {
  std::vector<Priority> wanted;
  std::ranges::transform(listen.priorities, std::back_inserter(wanted), parse_priority);
  if (wanted.empty()) wanted.assign(kPriorities.begin(), kPriorities.end());
  return wanted;
}

NotificationEndpoint endpoint_of(const std::vector<Priority>& priorities, Listening& listening,
                                 bool tell_batches) {
  NotificationEndpoint endpoint;
  for (const auto priority : priorities) {
    endpoint.on_batch(priority,
                      [&listening, priority, tell_batches](std::span<const Notification> group) {
                        if (tell_batches)
                          note(fmt::format("a batch of {} {}", group.size(), to_string(priority)));
                        return listening.take(group);
                      });
  }
  return endpoint;
}

std::vector<std::string> topics_of(const NotificationConfig* section) {
  return section != nullptr ? section->topics : NotificationConfig().topics;
}

void start(NotificationListener& listener, Deadline deadline) {
  // Nothing is taken yet, so there is nothing to drain.
  const StopSignals stop([] { std::_Exit(static_cast<int>(ExitCode::failed)); });
  listener.start(deadline);
}

void announce(const Listen& listen, const std::vector<Priority>& priorities) {
  std::string text = "listening to";
  for (const auto& topic : listen.topics) {
    for (const auto priority : priorities)
      text += fmt::format(" {}.{}", topic, to_string(priority));
  }
  note(text);
}

// What was received is acknowledged or given back, all of it.
void tell_ledger(const Ledger::Counts& counts, const Globals& globals) {
  const bool holds = counts.receipts_under_way() == 0 && counts.of(Receipt::dropped) == 0;
  if (!holds) throw CommandError(ExitCode::unsound, "the ledger does not hold: " + counts.str());
  if (!globals.quiet) note("ledger: " + counts.str());
}

ExitCode run(Listen listen, const Globals& globals) {
  const auto priorities = priorities_of(listen);
  const auto deadline = listen.timeout ? Deadline::after(*listen.timeout) : never;
  Session session(globals, listen.url, {.notifications = true});
  if (listen.topics.empty()) listen.topics = topics_of(session.notifications());
  const bool can_requeue = session.bus().features().requeue;
  Listening listening(listen.rules(can_requeue, globals.json));
  const bool tell_batches = listen.batch > 1 && globals.verbosity > 0;
  NotificationListener listener(session.bus(), listen.targets(),
                                {endpoint_of(priorities, listening, tell_batches)},
                                listen.options(can_requeue));
  start(listener,
        std::min(deadline, Deadline::after(session.bus().settings().rpc_response_timeout)));
  if (!globals.quiet) announce(listen, priorities);
  bool in_time = true;
  {
    const StopSignals stop([&] {
      if (!globals.quiet)
        note("stopping once what was received is printed; a second signal ends now");
      listening.stop();
    });
    in_time = listening.wait(deadline);
    listener.stop();
    listener.wait();
  }
  tell_ledger(session.bus().ledger().counts(), globals);
  if (in_time || !listen.max || listening.printed() >= *listen.max) return ExitCode::done;
  throw CommandError(ExitCode::timeout,
                     fmt::format("timed out after {}: {} of {} notifications came",
                                 seconds_text(*listen.timeout), listening.printed(), *listen.max));
}

}  // namespace

Verb add_listen(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand(
      "listen", "print notifications as they come, until SIGINT or SIGTERM; at the end the ledger");
  auto listen = std::make_shared<Listen>();  // shared with the parsed options and the verb
  add_url(*verb, listen->url);
  add_list(*verb, "--topic", listen->topics, "where from")->default_str("notifications");
  verb->add_option("--exchange", listen->exchange, "the exchange of the topics");
  add_list(*verb, "--priority", listen->priorities, "only these (" + known_priorities() + ")");
  verb->add_option("--pool", listen->pool,
                   "share the notifications with the other listeners of this pool");
  verb->add_option("--batch", listen->batch, "take up to so many at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_duration(*verb, "--batch-timeout", listen->batch_timeout,
               "how long the first of a batch waits for others (default: 1s)");
  verb->add_flag("--requeue-once", listen->requeue_once,
                 "give each back when it comes first, and take it when it comes again");
  verb->add_option("--max", listen->max, "end after so many; the broker keeps the others")
      ->check(CLI::PositiveNumber);
  add_duration(*verb, "--timeout", listen->timeout,
               "end after that time; with --max a failure when fewer came");
  return {verb, [listen, &globals] { return run(*listen, globals); }};
}

}  // namespace gantry::cli
