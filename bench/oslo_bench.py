#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calls and notifications through Python's oslo.messaging:

oslo_bench.py server|client|notify|drain URL [CALLERS [SECONDS [PAYLOAD]]]

The same task and the same report as the C++ programs beside it.
"""

import json
import os
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests/interop/peers"))

import oslo  # noqa: E402

TOPIC = "bench_oslo"
WARM_UP_SECONDS = 0.3


class Echo:
    def echo(self, context, payload):
        return payload


def serve(transport):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # the server's threads inherit it
    server = oslo.rpc_server(transport, TOPIC, "bench-1", [Echo()])
    server.start()
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM})
    server.stop()
    server.wait()


class Caller(threading.Thread):
    """One blocking call after the other; keeps when each began and ended."""

    def __init__(self, call, start, window):
        super().__init__()
        self.call, self.begin_together, self.window = call, start, window
        self.calls = []

    def run(self):
        self.call()
        self.begin_together.wait()
        began = time.monotonic()
        while began < self.window["end"]:
            self.call()
            ended = time.monotonic()
            self.calls.append((began, ended))
            began = ended


def measure(call, callers, seconds):
    window = {}

    def open_window():
        window["cpu"] = time.process_time()
        window["begin"] = time.monotonic() + WARM_UP_SECONDS
        window["end"] = window["begin"] + seconds

    start = threading.Barrier(callers, action=open_window)
    threads = [Caller(call, start, window) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report([call for thread in threads for call in thread.calls], window, seconds)


def report(calls, window, seconds):
    inside = sorted(ended - began for began, ended in calls
                    if began >= window["begin"] and ended <= window["end"])
    # On a busy machine a short window may hold none.
    inside = inside or sorted(ended - began for began, ended in calls)
    print(json.dumps({
        "calls_per_second": round(len(inside) / seconds, 1),
        "p50_us": round(inside[(len(inside) - 1) // 2] * 1e6, 3),
        "p99_us": round(inside[int((len(inside) - 1) * 0.99)] * 1e6, 3),
        "all_calls": len(calls),
        "cpu_seconds": round(time.process_time() - window["cpu"], 4),
    }))


class Drained:
    """Takes notifications from the first to the last of them."""

    def __init__(self, count):
        self.left, self.ended = count, threading.Event()

    def info(self, *_):
        if not hasattr(self, "began"):
            self.began, self.cpu = time.monotonic(), time.process_time()
        self.left -= 1
        if self.left == 0:
            self.taken, self.cpu = time.monotonic() - self.began, time.process_time() - self.cpu
            self.ended.set()


def drain(transport, count, text):
    topic = f"bench_oslo_drain_{os.getpid()}"
    notifier = oslo.notifier(transport, topic, "bench")
    for _ in range(count):
        notifier.info({}, "bench", {"payload": text})
    drained = Drained(count)
    listener = oslo.notification_listener(transport, topic, drained)
    listener.start()
    drained.ended.wait()
    print(json.dumps({"calls_per_second": round(count / drained.taken, 1), "all_calls": count,
                      "mean_us": round(drained.taken * 1e6 / count, 3), "cpu_seconds": round(drained.cpu, 4)}))
    listener.stop()
    listener.wait()


def main(role, url, callers="1", seconds="2", payload="200"):
    transport = (oslo.open_notification_transport if role in ("notify", "drain") else oslo.open_transport)(url)
    text = "x" * int(payload)
    if role == "server":
        serve(transport)
    elif role == "drain":
        drain(transport, int(callers), text)
    elif role == "notify":
        notifier = oslo.notifier(transport, TOPIC, "bench")
        measure(lambda: notifier.info({}, "bench", {"payload": text}), int(callers), float(seconds))
    else:
        client = oslo.rpc_client(transport, TOPIC)
        measure(lambda: client.call({}, "echo", payload=text), int(callers), float(seconds))
    transport.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
