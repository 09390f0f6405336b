# SPDX-License-Identifier: Apache-2.0
"""What every interop test stands on: the broker, both sides, a topic of its own, and the column of the matrix."""

import concurrent.futures
import functools
import importlib.metadata
import logging
import os
import pathlib
import sys
import unicodedata
import unittest
import uuid

import kombu

HERE = pathlib.Path(__file__).parent
PEERS = HERE / "peers"
sys.path[:0] = [str(PEERS), str(HERE.parent / "faults")]

import oslo  # noqa: E402
from in_process import PythonPeer, PythonServer  # noqa: E402
from matrix import CPP_TO_PYTHON, PYTHON_TO_CPP, Column  # noqa: E402, F401
from processes import Caller, Gantry, Server  # noqa: E402

URL = os.environ["GANTRY_TEST_RABBIT"]
AMQP_URL = URL.replace("rabbit://", "amqp://")  # as kombu takes it
CALLER = os.environ["GANTRY_CALLER"]
GANTRY = Gantry(os.environ["GANTRY_COMMAND"], URL)
COLUMN = Column(importlib.metadata.version("oslo.messaging"))
VERSION = tuple(map(int, COLUMN.version.split(".")[:2]))
# Python's libraries log what they meet at each end of a connection, all of it expected.
logging.basicConfig(level=logging.CRITICAL)


def shows(feature, direction):
    """Marks a test as evidence for one cell of the matrix."""
    def mark(test):
        @functools.wraps(test)
        def run(self):
            ok = False
            try:
                test(self)
                ok = True
            finally:
                COLUMN.note(feature, direction, ok)
        return run
    return mark


class InteropCase(unittest.TestCase):
    """One Python transport for all; each test has a topic that no other uses."""

    # Whether it makes a difference which version of oslo.messaging is the peer.
    depends_on_version = True

    @classmethod
    def setUpClass(cls):
        cls.transport = oslo.open_transport(URL, allowed_remote_exmods=["oslo_endpoints"])

    @classmethod
    def tearDownClass(cls):
        PythonPeer.wait_until_all_ended()
        cls.transport.cleanup()

    def setUp(self):
        self.topic = "interop-" + uuid.uuid4().hex[:12]

    def python_transport(self, url=URL):
        """One of its own, for a test that breaks it."""
        transport = oslo.open_transport(url)
        self.addCleanup(transport.cleanup)
        self.addCleanup(PythonPeer.wait_until_all_ended)
        return transport

    def python_client(self, topic=None, timeout=60, **target):
        return oslo.rpc_client(self.transport, topic or self.topic, **target).prepare(timeout=timeout)

    def gantry_server(self, name="gantry-1", *arguments, url=None):
        return self.enterContext(GANTRY.serve(self.topic, name, *arguments, url=url))

    def gantry_caller(self, url=URL):
        return self.enterContext(Caller(CALLER, url))

    def python_server(self, name="python-1", transport=None):
        return self.enterContext(PythonServer(transport or self.transport, self.topic, name))

    def python_server_process(self, name="python-1"):
        return self.enterContext(Server([sys.executable, str(PEERS / "oslo_server.py"), URL, self.topic, name]))

    def meanwhile(self, function, *arguments, **named):
        """Runs it on another thread; the future of its result."""
        executor = self.enterContext(concurrent.futures.ThreadPoolExecutor(1))
        return executor.submit(function, *arguments, **named)

    def messages_in_queue(self, queue):
        """Those that wait; once its consumers are gone also what they did not acknowledge."""
        with kombu.Connection(AMQP_URL) as connection:
            return connection.default_channel.queue_declare(queue, passive=True).message_count

    def delete_queue(self, queue):
        with kombu.Connection(AMQP_URL) as connection:
            connection.default_channel.queue_delete(queue)

    def publish(self, body, routing_key, content_type="application/json"):
        """The body as it stands."""
        with kombu.Connection(AMQP_URL) as connection:
            body = body if isinstance(body, bytes) else body.encode()
            connection.Producer().publish(body, routing_key=routing_key, content_type=content_type,
                                          content_encoding="utf-8")

    def assert_exit(self, finished, code):
        self.assertEqual(finished.code, code, f"stdout: {finished.out[:2000]}\nstderr: {finished.err[:2000]}")

    def assert_fit_for_a_terminal(self, text):
        """What came from outside is shown, but neither as control characters nor as broken UTF-8."""
        self.assertEqual([c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"], [])
