#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An RPC server on oslo.messaging: oslo_server.py URL TOPIC SERVER

Prints `serving TOPIC on SERVER` once subscribed, then one JSON object a request; SIGTERM ends it.
"""

import builtins
import json
import signal
import sys
import time

import oslo_messaging

import oslo


class Overheated(Exception):
    """An exception of the application's own, with arguments that only it knows."""

    def __init__(self, message, degrees=0):
        super().__init__(message)
        self.kwargs = {"degrees": degrees}


class Endpoint:
    target = oslo_messaging.Target(version="1.4")

    def __init__(self, server):
        self.server = server

    def _seen(self, method, context, **arguments):
        line = {"method": method, "args": arguments, "context": context}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

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


class Namespaced:
    """The same name in a namespace and version of its own."""

    target = oslo_messaging.Target(namespace="lab", version="2.1")

    def whoami(self, context):
        return "lab"


def main(url, topic, name):
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # the server's threads inherit it
    server = oslo.rpc_server(oslo.open_transport(url), topic, name, [Endpoint(name), Namespaced()])
    server.start()
    print(f"serving {topic} on {name}", flush=True)
    signal.sigwait(stop)
    server.stop()
    server.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
