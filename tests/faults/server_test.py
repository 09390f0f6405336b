#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R19: a server is killed with requests in progress, and a subscriber with notifications."""

import itertools
import os
import subprocess
import threading
import time

import table
from fault_case import SLACK_SECONDS, FaultCase, Load, main, size
from faulty_broker import FaultyBroker

GANTRY = os.environ.get("GANTRY_COMMAND")
INTERVAL_SECONDS = 1  # of the call monitor
TIMED_OUT = 4  # the command's exit code


class Serving:
    """`gantry serve`, and the requests that it has begun."""

    def __init__(self, url, topic):
        self.requests = 0
        self._changed = threading.Condition()
        self._process = subprocess.Popen([GANTRY, "serve", "--topic", topic, "--server", "one"],
                                         env=os.environ | {"GANTRY_URL": url}, stdout=subprocess.PIPE, text=True)
        if not self._process.stdout.readline().startswith("serving"):
            raise AssertionError("gantry serve did not start")
        self._reader = threading.Thread(target=self._count)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._reader.join()
        self._process.stdout.close()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def wait_requests(self, number):
        with self._changed:
            if not self._changed.wait_for(lambda: self.requests >= number, 60):
                raise AssertionError(f"{self.requests} requests arrived instead of {number}")

    def _count(self):
        for _ in self._process.stdout:
            with self._changed:
                self.requests += 1
                self._changed.notify_all()


class Server(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    def call(self, topic, *arguments):
        return subprocess.Popen([GANTRY, "call", self.broker.url, topic, *arguments, "--timeout", "60s", "--monitor",
                                 f"{INTERVAL_SECONDS}s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_R19_the_caller_is_told_that_its_server_died(self):
        topic, count = self.topic(), size(4, 16)
        with Serving(self.broker.url, topic) as first:
            calls = [self.call(topic, "sleep", "seconds:=60") for _ in range(count)]
            first.wait_requests(count)
            first.kill()
            killed = time.monotonic()
            ends = [(call.communicate(timeout=60)[1], call.returncode) for call in calls]
            told = time.monotonic() - killed
        for error, code in ends:
            self.assertEqual(code, TIMED_OUT, error)
            self.assertIn("heartbeat", error)
        self.assertLessEqual(told, 2 * INTERVAL_SECONDS + SLACK_SECONDS)
        with Serving(self.broker.url, topic) as second:
            again = self.call(topic, "ping")
            _, error = again.communicate(timeout=60)
            self.assertEqual(again.returncode, 0, error)
            second.wait_requests(1)
            self.assertEqual(second.requests, 1, "a request that had begun was begun again")
        table.record(self.id(), {"verb": "call"}, dict.fromkeys(table.TIMES, 0) | {
            "attempted": count + 1, "accepted": 1, "delivered": count + 1, "duplicated": 0, "in_doubt": count,
            "longest_op_s": told}, lost=0)

    def test_R19_what_a_dead_subscriber_had_not_acknowledged_goes_to_another(self):
        """It had begun one of them, which is begun a second time, as is the one before where its acknowledgement had
        not left yet: a notification is handled at least once."""
        settings = dict(server_url=self.broker.url, verb="notify", topic=self.topic(), handler_ms=50)
        with Load(count=0, **settings) as other, Load(count=100, threads=2, pace_ms=10, **settings) as load:
            begun = itertools.count(1)
            enough = threading.Event()

            def on_delivered(number):
                load.delivered(number)
                if next(begun) == 10:
                    enough.set()
            other.on_delivered = on_delivered
            self.assertTrue(enough.wait(60))
            other.kill()
            report = self.holds(load, 10, duplicates=2)
            self.assertEqual(report["delivered"], 100)


if __name__ == "__main__":
    main()
