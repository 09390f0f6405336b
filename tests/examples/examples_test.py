# SPDX-License-Identifier: Apache-2.0
"""The examples do what the documents say: examples_test.py OverFake | OverRabbit.

GANTRY_EXAMPLES is the directory of their programs.
"""

import os
import subprocess
import unittest
from pathlib import Path

EXAMPLES = Path(os.environ["GANTRY_EXAMPLES"])
QUICKSTART = """\
add: 5
divide: ValueError: division by zero
add: 42
"""


def run(name, *arguments):
    return subprocess.run([EXAMPLES / name, *arguments], capture_output=True, text=True)


class OverFake(unittest.TestCase):
    def test_quickstart_calls_its_own_server(self):
        done = run("quickstart")
        self.assertEqual((done.returncode, done.stdout), (0, QUICKSTART), done.stderr)

    @unittest.skipUnless((EXAMPLES / "log_events").exists(), "built without spdlog")
    def test_log_events_become_notifications(self):
        done = run("log_events")
        self.assertEqual((done.returncode, done.stdout), (0, 'calc.node-1: "ERROR" "disk sda is full"\n'), done.stderr)


class OverRabbit(unittest.TestCase):
    def setUp(self):
        self.url = os.environ["GANTRY_TEST_RABBIT"]

    def test_quickstart_needs_another_url_and_nothing_else(self):
        done = run("quickstart", self.url)
        self.assertEqual((done.returncode, done.stdout), (0, QUICKSTART), done.stderr)

    def test_the_client_is_answered_by_the_server(self):
        pipe = subprocess.PIPE
        with subprocess.Popen([EXAMPLES / "rpc_server", self.url], stdin=pipe, stdout=pipe, text=True) as server:
            try:
                self.assertEqual(server.stdout.readline(), "serving calc; Enter stops\n")
                done = run("rpc_client", self.url)
                self.assertEqual((done.returncode, done.stdout), (0, "5\n"), done.stderr)
            finally:
                server.communicate("\n")
            self.assertEqual(server.returncode, 0)

    def test_the_listener_hears_the_notifier(self):
        pipe = subprocess.PIPE
        with subprocess.Popen([EXAMPLES / "notification_listener", self.url], stdin=pipe, stdout=pipe,
                              text=True) as listener:
            try:
                self.assertEqual(listener.stdout.readline(), "listening; Enter stops\n")
                self.assertEqual(run("notifier", self.url).returncode, 0)
                # Of different queues, so in any order.
                self.assertEqual({listener.stdout.readline() for _ in range(2)},
                                 {'calc.started {"version":"1.0"}\n', "ERROR calc.overflow of calc.node-1\n"})
            finally:
                listener.communicate("\n")
            self.assertEqual(listener.returncode, 0)

    def test_a_client_without_a_server_is_told_so(self):
        done = run("rpc_client", self.url)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("calc", done.stderr)


if __name__ == "__main__":
    unittest.main()
