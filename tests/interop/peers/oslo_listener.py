#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A notification listener on oslo.messaging: oslo_listener.py URL TOPIC [--pool P] [--batch N] [--requeue-once]

Says `listening to TOPIC` on standard error once subscribed. Then prints a JSON object a notification, as
`gantry listen --json` does; SIGTERM ends it.
"""

import argparse
import json
import signal
import sys

import oslo_messaging

import oslo

PRIORITIES = ("audit", "debug", "info", "warn", "error", "critical", "sample")


class Taker:
    """What both kinds of endpoints do with one notification."""

    def __init__(self, requeue_once):
        self.requeue_once = requeue_once
        self.given_back = set()

    def take(self, priority, context, publisher_id, event_type, payload, metadata):
        id = metadata["message_id"]
        if self.requeue_once and id not in self.given_back:
            self.given_back.add(id)
            return oslo_messaging.NotificationResult.REQUEUE
        line = {"priority": priority, "publisher_id": publisher_id, "event_type": event_type, "payload": payload,
                "message_id": id, "timestamp": metadata["timestamp"], "context": context}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return oslo_messaging.NotificationResult.HANDLED


def endpoint(taker, batch):
    """An object with a method for each priority."""
    def single(priority):
        return lambda self, *notification: taker.take(priority, *notification)

    def many(priority):
        def take(self, messages):
            sys.stderr.write(f"a batch of {len(messages)} {priority}\n")
            for each in messages:
                taker.take(priority, each["ctxt"], each["publisher_id"], each["event_type"], each["payload"],
                           each["metadata"])
        return take

    make = many if batch else single
    return type("Endpoint", (), {priority: make(priority) for priority in PRIORITIES})()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("topic")
    parser.add_argument("--pool")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--requeue-once", action="store_true")
    arguments = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # the listener's threads inherit it
    listener = oslo.notification_listener(
        oslo.open_notification_transport(arguments.url), arguments.topic,
        endpoint(Taker(arguments.requeue_once), arguments.batch), arguments.pool, arguments.batch,
        allow_requeue=arguments.requeue_once)
    listener.start()
    print(f"listening to {arguments.topic}", file=sys.stderr, flush=True)
    signal.sigwait(stop)
    listener.stop()
    listener.wait()


if __name__ == "__main__":
    main()
