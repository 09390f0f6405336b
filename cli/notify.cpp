// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/notifier.hpp"

#include "arguments.hpp"
#include "duration_option.hpp"
#include "errors.hpp"
#include "list_option.hpp"
#include "output.hpp"
#include "priorities.hpp"
#include "session.hpp"
#include "stop_signals.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

struct Notify {
  std::string url{};
  std::string event = "test";
  Arguments payload{};
  std::vector<std::string> topics{"notifications"};
  std::string priority = "info";
  std::string publisher = "gantry";
  std::vector<std::string> context{};
  bool v1 = false;
  int retry = -1;
  std::optional<std::chrono::milliseconds> timeout{};
};

NotifierOptions notifier_options(const Notify& notify, const Transport::Settings& settings) {
  return {.publisher_id = notify.publisher,
          .topics = notify.topics,
          .drivers = {notify.v1 ? "messaging" : "messagingv2"},
          .retry = notify.retry,
          .timeout = notify.timeout.value_or(settings.rpc_response_timeout)};
}

ExitCode run(const Notify& notify, const Globals& globals) {
  const Object payload = notify.payload.parse();
  const Object context = parse_pairs(notify.context);
  const Priority priority = parse_priority(notify.priority);
  Session session(globals, notify.url);
  const StopSignals stop([&] { session.bus().close(); });
  const Notifier notifier(session.bus(), notifier_options(notify, session.bus().settings()));
  const auto id = notifier.notify_or_throw(priority, notify.event, payload, context);
  if (globals.json) {
    print(Object{{"message_id", id}});
  } else {
    print(id);
  }
  return ExitCode::done;
}

}  // namespace

Verb add_notify(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand("notify", "send a notification and print its message id");
  auto notify = std::make_shared<Notify>();  // shared with the parsed options and the verb
  add_url(*verb, notify->url);
  notify->payload.add_to(*verb, "of the payload");
  verb->add_option("--event", notify->event, "the type of the event")->capture_default_str();
  add_list(*verb, "--topic", notify->topics, "where to")->capture_default_str();
  verb->add_option("--priority", notify->priority, "how much it matters: " + known_priorities())
      ->capture_default_str();
  verb->add_option("--publisher", notify->publisher, "who tells it")->capture_default_str();
  add_repeated(*verb, "--context", notify->context,
               "an entry of the context: key=text or key:=json; only keys that say who asked and "
               "for which project are sent");
  verb->add_flag("--v1", notify->v1, "in oslo.messaging's older format, without the envelope");
  verb->add_option("--retry", notify->retry,
                   "how often to try again what the broker did not take; -1: until the timeout")
      ->capture_default_str();
  add_duration(*verb, "--timeout", notify->timeout, "when to give up (default: 60s)");
  return {verb, [notify, &globals] { return run(*notify, globals); }};
}

}  // namespace gantry::cli
