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
  std::vector<std::string> topics{};
  std::string priority = "info";
  std::optional<std::string> publisher{};
  std::vector<std::string> context{};
  bool v1 = false;
  std::optional<int> retry{};
  std::optional<std::chrono::milliseconds> timeout{};
};

// What the command line says, else the configuration, else the defaults.
NotifierOptions options_of(const Notify& notify, Session& session) {
  const auto* const section = session.notifications();
  auto options = section != nullptr ? notifier_options(*section) : NotifierOptions();
  if (options.drivers.empty()) options.drivers = {"messagingv2"};
  if (options.publisher_id.empty()) options.publisher_id = "gantry";
  if (notify.v1) options.drivers = {"messaging"};
  if (!notify.topics.empty()) options.topics = notify.topics;
  if (notify.publisher) options.publisher_id = *notify.publisher;
  if (notify.retry) options.retry = *notify.retry;
  options.timeout = notify.timeout.value_or(session.bus().settings().rpc_response_timeout);
  return options;
}

ExitCode run(const Notify& notify, const Globals& globals) {
  const Object payload = notify.payload.parse();
  const Object context = parse_pairs(notify.context);
  const Priority priority = parse_priority(notify.priority);
  Session session(globals, notify.url, {.notifications = true});
  const StopSignals stop([&] { session.bus().close(); });
  const Notifier notifier(session.bus(), options_of(notify, session));
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
  add_list(*verb, "--topic", notify->topics, "where to")->default_str("notifications");
  verb->add_option("--priority", notify->priority, "how much it matters: " + known_priorities())
      ->capture_default_str();
  verb->add_option("--publisher", notify->publisher, "who tells it")->default_str("gantry");
  add_repeated(*verb, "--context", notify->context,
               "an entry of the context: key=text or key:=json; only keys that say who asked and "
               "for which project are sent");
  verb->add_flag("--v1", notify->v1, "in oslo.messaging's older format, without the envelope");
  verb->add_option("--retry", notify->retry,
                   "how often to try again what the broker did not take; -1: until the timeout")
      ->default_str("-1");
  add_duration(*verb, "--timeout", notify->timeout, "when to give up (default: 60s)");
  return {verb, [notify, &globals] { return run(*notify, globals); }};
}

}  // namespace gantry::cli
