// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry {

// What a driver can do. Declared once; the core asks before it uses a verb, the CLI shows it, and
// the conformance tests skip by it.
struct Features {
  bool rpc = false;            // send, call, listen
  bool notifications = false;  // send_notification, listen_for_notifications
  bool pools = false;          // named pools, each with its own copy of a notification
  bool requeue = false;        // IncomingMessage::requeue gives a notification to a consumer again
  bool call_monitor = false;   // heartbeats of a running handler reach the caller
  bool at_least_once = false;  // a send that reaches no queue is told at once
  bool fanout_by_exchange =
      false;  // fanout stays within its exchange (on the RabbitMQ wire it does not)

  friend bool operator==(const Features&, const Features&) = default;
};

}  // namespace gantry
