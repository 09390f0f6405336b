# SPDX-License-Identifier: Apache-2.0
"""What every interop test over Kafka stands on: the broker, both sides, a topic and a group of its own."""

import importlib.metadata
import logging
import os
import pathlib
import unicodedata
import unittest
import urllib.parse
import uuid

import oslo
from in_process import PythonListener, PythonPeer
from lines import PATIENCE_SECONDS, Lines
from oslo_endpoints import PRIORITIES
from processes import Gantry
from raw_kafka import RawKafka

PEERS = pathlib.Path(__file__).parents[1] / "peers"
URL = os.environ["GANTRY_TEST_KAFKA"]
IS_MOCK = os.environ["GANTRY_KAFKA_KIND"] == "mock"
VERSION = tuple(map(int, importlib.metadata.version("oslo.messaging").split(".")[:2]))
# The mock takes about a session for each that joins, and keeps a fetch that finds nothing until its time ends.
OURS = {"session_timeout": 4, "kafka_consumer_timeout": 0.05} if IS_MOCK else {}
# Python's libraries log what they meet at each end of a connection, all of it expected.
logging.basicConfig(level=logging.CRITICAL)


def url(virtual_host="", **options):
    return f"{URL}{virtual_host}" + (f"?{urllib.parse.urlencode(options)}" if options else "")


class KafkaCase(unittest.TestCase):
    """Each test has a topic and a group that no other uses."""

    # Whether it makes a difference which version of oslo.messaging is the peer.
    depends_on_version = True

    def setUp(self):
        self.topic = "interop-" + uuid.uuid4().hex[:12]
        self.group = self.topic + "-group"
        self.raw = RawKafka(URL)
        self.begun = set()

    def gantry(self, virtual_host="", **options):
        group = {"consumer_group": self.group}
        return Gantry(os.environ["GANTRY_COMMAND"], url(virtual_host, **OURS | group | options))

    def gantry_listener(self, *arguments, virtual_host="", **options):
        return self.enterContext(self.gantry(virtual_host, **options).listen(self.topic, *arguments))

    def notify(self, *arguments, stdin=None, virtual_host="", **options):
        """By gantry; the message id."""
        done = self.gantry(virtual_host, **options).notify(self.topic, *arguments, stdin=stdin)
        self.assertEqual(done.code, 0, done.err)
        return done.out.strip()

    def python_transport(self, virtual_host="", **options):
        transport = oslo.open_notification_transport(url(virtual_host, **options))
        self.addCleanup(transport.cleanup)
        self.addCleanup(PythonPeer.wait_until_all_ended)
        return transport

    def python_notifier(self, publisher="python", driver="messagingv2", virtual_host="", **options):
        transport = self.python_transport(virtual_host, **options)
        return oslo.notifier(transport, self.topic, publisher, driver)

    def python_listener(self, pool=None, virtual_host="", **options):
        """It drops what comes while it starts, which takes five seconds."""
        group = pool or options.setdefault("consumer_group", self.group)
        self.begin(group)
        transport = self.python_transport(virtual_host, **options)
        return self.enterContext(PythonListener(transport, self.topic, pool=pool))

    def begin(self, group):
        """Python's listeners miss what comes before they know where their group begins."""
        if group not in self.begun:
            self.raw.begin(group, [f"{self.topic}.{priority}" for priority in PRIORITIES])
            self.begun.add(group)

    def wait_for_all(self, listeners, reached):
        """Until that holds of what the listeners told."""
        with Lines.changed:
            reached_in_time = Lines.changed.wait_for(reached, PATIENCE_SECONDS)
        seen = [[each.lines[-5:], list(each.errors)] for each in listeners]
        self.assertTrue(reached_in_time, f"waited in vain; at the end {seen}")

    def assert_nothing_left(self, group=None, priority="info"):
        """All of it is handled and will not come again."""
        self.assertEqual(self.raw.left_over(group or self.group, f"{self.topic}.{priority}"), 0)

    def assert_fit_for_a_terminal(self, text):
        """What came from outside is shown, but neither as control characters nor as broken UTF-8."""
        self.assertEqual([c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"], [])
