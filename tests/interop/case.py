# SPDX-License-Identifier: Apache-2.0
"""What every interop test stands on: the broker, both sides, a topic of its own, and the matrix of what was shown."""

import functools
import os
import pathlib
import subprocess
import sys
import unicodedata
import unittest
import uuid

import kombu

PEERS = pathlib.Path(__file__).parent / "peers"
sys.path.insert(0, str(PEERS))

import oslo  # noqa: E402
from processes import Gantry, Python  # noqa: E402

CPP_TO_PYTHON = "C++ → Python"
PYTHON_TO_CPP = "Python → C++"
URL = os.environ["GANTRY_TEST_RABBIT"]
GANTRY = Gantry(os.environ["GANTRY_COMMAND"], URL)
PYTHON = Python(PEERS, URL)


class Matrix:
    """What was tried in which direction, and whether it held."""

    def __init__(self):
        self.cells = {}

    def note(self, feature, direction, ok):
        self.cells[feature, direction] = self.cells.get((feature, direction), True) and ok

    def __str__(self):
        features = list(dict.fromkeys(feature for feature, _ in self.cells))
        width = max(map(len, features), default=0)
        rows = [f"{'':{width}}  {CPP_TO_PYTHON:12}  {PYTHON_TO_CPP:12}"]
        for feature in features:
            marks = [{True: "ok", False: "FAILED", None: "-"}[self.cells.get((feature, direction))]
                     for direction in (CPP_TO_PYTHON, PYTHON_TO_CPP)]
            rows.append(f"{feature:{width}}  {marks[0]:12}  {marks[1]:12}".rstrip())
        return "\n".join(rows)


MATRIX = Matrix()


def shows(feature, direction):
    """Marks a test as the evidence for one cell of the matrix."""
    def mark(test):
        @functools.wraps(test)
        def run(self):
            ok = False
            try:
                test(self)
                ok = True
            finally:
                MATRIX.note(feature, direction, ok)
        return run
    return mark


class InteropCase(unittest.TestCase):
    """One Python transport for all; each test has a topic that no other uses."""

    @classmethod
    def setUpClass(cls):
        cls.transport = oslo.open_transport(URL)

    @classmethod
    def tearDownClass(cls):
        cls.transport.cleanup()

    def setUp(self):
        self.topic = "interop-" + uuid.uuid4().hex[:12]

    def python_client(self, topic=None, timeout=60, **target):
        return oslo.rpc_client(self.transport, topic or self.topic, **target).prepare(timeout=timeout)

    def gantry_server(self, name="gantry-1", *arguments):
        return self.enterContext(GANTRY.serve(self.topic, name, *arguments))

    def python_server(self, name="python-1"):
        return self.enterContext(PYTHON.serve(self.topic, name))

    def messages_in_queue(self, queue):
        """Waiting and unacknowledged ones."""
        listed = subprocess.run(
            [os.environ["GANTRY_TEST_RABBITMQCTL"], "-q", "--no-table-headers", "list_queues", "name", "messages"],
            capture_output=True, text=True, check=True).stdout
        counts = dict(line.rsplit("\t", 1) for line in listed.splitlines())
        return int(counts[queue])

    def publish(self, body, routing_key, content_type="application/json"):
        """The body as it stands."""
        with kombu.Connection(URL.replace("rabbit://", "amqp://")) as connection:
            body = body if isinstance(body, bytes) else body.encode()
            connection.Producer().publish(body, routing_key=routing_key, content_type=content_type,
                                          content_encoding="utf-8")

    def assert_exit(self, finished, code):
        self.assertEqual(finished.code, code, f"stdout: {finished.out[:2000]}\nstderr: {finished.err[:2000]}")

    def assert_fit_for_a_terminal(self, text):
        """What came from outside is shown, but neither as control characters nor as broken UTF-8."""
        self.assertEqual([c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"], [])
