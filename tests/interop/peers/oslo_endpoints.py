# SPDX-License-Identifier: Apache-2.0
"""What the Python peers serve and listen with, whoever runs them. What they see goes to `tell`, a JSON text each."""

import builtins
import json
import time

import oslo_messaging

PRIORITIES = ("audit", "debug", "info", "warn", "error", "critical", "sample")


class Overheated(Exception):
    """An exception of the application's own, with arguments that only it knows."""

    def __init__(self, message, degrees=0):
        super().__init__(message)
        self.kwargs = {"degrees": degrees}


class Methods:
    target = oslo_messaging.Target(version="1.4")

    def __init__(self, server, tell):
        self.server, self.tell = server, tell

    def _seen(self, method, context, **arguments):
        self.tell(json.dumps({"method": method, "args": arguments, "context": context}))

    def echo(self, context, **arguments):
        self._seen("echo", {})
        return arguments

    def add(self, context, a, b):
        self._seen("add", context, a=a, b=b)
        return a + b

    def none(self, context):
        self._seen("none", context)

    def whoami(self, context):
        self._seen("whoami", context)
        return self.server

    def context(self, context):
        self._seen("context", context)
        return context

    def record(self, context, **arguments):
        self._seen("record", context, **arguments)

    def sleep(self, context, seconds):
        self._seen("sleep", context, seconds=seconds)
        time.sleep(seconds)
        return seconds

    def fail(self, context, kind, message):
        self._seen("fail", context, kind=kind, message=message)
        raise getattr(builtins, kind)(message)

    def fail_own(self, context, message):
        self._seen("fail_own", context, message=message)
        raise Overheated(message, degrees=451)

    def fail_chained(self, context, message):
        self._seen("fail_chained", context, message=message)
        try:
            raise KeyError("the cause")
        except KeyError as e:
            raise LookupError(message) from e


class NamespacedMethods:
    """The same name in a namespace and version of its own."""

    target = oslo_messaging.Target(namespace="lab", version="2.1")

    def whoami(self, context):
        return "lab"


def methods(server, tell):
    return [Methods(server, tell), NamespacedMethods()]


class Taker:
    """What both kinds of notification endpoints do with one notification."""

    def __init__(self, requeue_once, tell):
        self.requeue_once, self.tell = requeue_once, tell
        self.given_back = set()

    def take(self, priority, context, publisher_id, event_type, payload, metadata):
        id = metadata["message_id"]
        if self.requeue_once and id not in self.given_back:
            self.given_back.add(id)
            return oslo_messaging.NotificationResult.REQUEUE
        self.tell(json.dumps({
            "priority": priority, "publisher_id": publisher_id, "event_type": event_type, "payload": payload,
            "message_id": id, "timestamp": metadata["timestamp"], "context": context}))
        return oslo_messaging.NotificationResult.HANDLED


def notification_endpoint(tell, say, batch=None, requeue_once=False):
    """An object with a method for each priority. `say` gets a line for each batch."""
    taker = Taker(requeue_once, tell)

    def single(priority):
        return lambda self, *notification: taker.take(priority, *notification)

    def many(priority):
        def take(self, messages):
            say(f"a batch of {len(messages)} {priority}")
            for each in messages:
                taker.take(priority, each["ctxt"], each["publisher_id"], each["event_type"], each["payload"],
                           each["metadata"])
        return take

    make = single if batch is None else many
    return type("Endpoint", (), {priority: make(priority) for priority in PRIORITIES})()
