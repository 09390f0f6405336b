#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The harness itself: brokers stand side by side, exit codes pass, and nothing stays behind."""

import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

import rabbit_broker

HARNESS = pathlib.Path(rabbit_broker.__file__)
PATIENCE_SECONDS = 120
SHOW = 'echo "$GANTRY_TEST_RABBIT $GANTRY_TEST_RABBIT_PID $(dirname "$GANTRY_TEST_RABBITMQCTL")"'


class Harness:
    """A harness with a shell as its command; `broker` is what the command saw."""

    def __init__(self, script):
        self.process = subprocess.Popen([sys.executable, str(HARNESS), "--", "sh", "-c", script],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        self.url, pid, directory = self.process.stdout.readline().split()
        self.broker_pid, self.directory = int(pid), pathlib.Path(directory)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def wait(self):
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def send(self, signal_number):
        self.process.send_signal(signal_number)


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def ends(pid):
    """Whether a process that is no child of ours ends, which nobody tells us."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


@unittest.skipUnless(rabbit_broker.installed(), "RabbitMQ is not installed")
class RabbitBroker(unittest.TestCase):

    def test_passes_the_exit_code_and_leaves_nothing(self):
        with Harness(f"{SHOW}; exit 5") as harness:
            self.assertEqual(harness.wait(), 5)
            self.assertTrue(ends(harness.broker_pid))
            self.assertFalse(harness.directory.exists())

    def test_rabbitmqctl_reaches_the_broker_of_its_run_and_no_other(self):
        script = f"{SHOW}; exec sleep 1000"
        with Harness(script) as one, Harness(script) as other:
            self.assertNotEqual(one.url, other.url)
            for harness in (one, other):
                out = subprocess.run(
                    [str(harness.directory / "rabbitmqctl"), "-q", "eval", "os:getpid()."],
                    capture_output=True, text=True, check=True).stdout
                self.assertEqual(out.strip(), f'"{harness.broker_pid}"')

    def test_ends_the_command_and_the_broker_when_it_is_told_to_end(self):
        with Harness(f"{SHOW}; echo $$; exec sleep 1000") as harness:
            command = int(harness.process.stdout.readline())
            harness.send(signal.SIGTERM)
            self.assertEqual(harness.wait(), 128 + signal.SIGTERM)
            self.assertTrue(ends(command))
            self.assertTrue(ends(harness.broker_pid))
            self.assertFalse(harness.directory.exists())

    def test_ends_the_command_and_the_broker_when_it_is_killed(self):
        with Harness(f"{SHOW}; echo $$; exec sleep 1000") as harness:
            command = int(harness.process.stdout.readline())
            harness.send(signal.SIGKILL)
            harness.wait()
            self.assertTrue(ends(command))
            self.assertTrue(ends(harness.broker_pid))
            shutil.rmtree(harness.directory)

    def test_tells_what_is_wrong_with_its_arguments(self):
        done = subprocess.run([sys.executable, str(HARNESS), "true"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("rabbit_broker.py -- COMMAND", done.stderr)


if __name__ == "__main__":
    if not rabbit_broker.installed():
        print("SKIPPED: RabbitMQ is not installed", file=sys.stderr)
        sys.exit(rabbit_broker.EXIT_SKIPPED)
    unittest.main()
