#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The harness itself: brokers stand side by side, exit codes pass, nothing stays behind, nodes fail and come back."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

import kafka_broker
import kafka_wire
import real_kafka

HARNESS = pathlib.Path(kafka_broker.__file__)
PATIENCE_SECONDS = 120
SHOW = 'echo "$GANTRY_TEST_KAFKA $GANTRY_TEST_KAFKA_PIDS"'
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GANTRY_TEST_KAFKA"}


class Harness:
    """A harness with a shell as its command; `url`, `pids` and `directories` are what the brokers had."""

    def __init__(self, arguments, script, **variables):
        self.process = subprocess.Popen([sys.executable, str(HARNESS), *arguments, "--", "sh", "-c", script],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=ENVIRONMENT | variables)

    def __enter__(self):
        self.url, *pids = self.process.stdout.readline().split()
        self.pids = [int(pid) for pid in pids]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def go(self):
        """What the script waits for with `read go`."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def wait(self):
        return self.process.wait(timeout=PATIENCE_SECONDS)

    @property
    def ports(self):
        return [int(port) for port in re.findall(r":(\d+)", self.url)]


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


class Arguments(unittest.TestCase):

    def test_tells_what_is_wrong_with_its_arguments(self):
        for arguments in (("true",), ("--mock", "true"), ("--", "true"), ("--mock", "--real", "--", "true"),
                          ("--mock", "--brokers", "some", "--", "true"), ("--mock", "--")):
            with self.subTest(arguments=arguments):
                done = subprocess.run([sys.executable, str(HARNESS), *arguments], capture_output=True, text=True,
                                      env=ENVIRONMENT)
                self.assertEqual(done.returncode, 2)
                self.assertIn("-- COMMAND", done.stderr)

    def test_a_named_cluster_stands_in_for_a_private_one(self):
        for named, url in (("k1:9092,k2:9092", "kafka://k1:9092,k2:9092/"), ("kafka://k1/", "kafka://k1/")):
            with Harness(["--real"], SHOW, GANTRY_TEST_KAFKA=named) as harness:
                self.assertEqual((harness.url, harness.pids), (url, []))


class Brokers:
    """What holds of both kinds."""

    def harness(self, script):
        return Harness(self.arguments, script)

    def test_passes_the_exit_code_and_leaves_nothing(self):
        with self.harness(f"{SHOW}; read go; exit 5") as harness:
            directories = self.directories(harness)
            harness.go()
            self.assertEqual(harness.wait(), 5)
            self.assertTrue(all(map(ends, harness.pids)))
            self.assertFalse(any(directory.exists() for directory in directories))

    def test_brokers_stand_side_by_side(self):
        with self.harness(f"{SHOW}; exec sleep 1000") as one, self.harness(f"{SHOW}; exec sleep 1000") as other:
            for harness in (one, other):
                self.assertEqual(sorted(kafka_wire.brokers(harness.ports[0]).values()), sorted(harness.ports))

    def test_ends_the_command_and_the_broker_when_it_is_told_to_end(self):
        with self.harness(f"{SHOW}; echo $$; exec sleep 1000") as harness:
            command = int(harness.process.stdout.readline())
            directories = self.directories(harness)
            harness.process.send_signal(signal.SIGTERM)
            self.assertEqual(harness.wait(), 128 + signal.SIGTERM)
            self.assertTrue(all(map(ends, [command, *harness.pids])))
            self.assertFalse(any(directory.exists() for directory in directories))

    def test_ends_the_command_and_the_broker_when_it_is_killed(self):
        with self.harness(f"{SHOW}; echo $$; exec sleep 1000") as harness:
            command = int(harness.process.stdout.readline())
            directories = self.directories(harness)
            harness.process.kill()
            harness.wait()
            self.assertTrue(all(map(ends, [command, *harness.pids])))
            for directory in directories:
                shutil.rmtree(directory)


class Mock(Brokers, unittest.TestCase):
    arguments = ["--mock", "--brokers", "2"]

    def directories(self, harness):
        return []  # it writes nothing


class Real(Brokers, unittest.TestCase):
    arguments = ["--real"]

    def directories(self, harness):
        return {pathlib.Path(f"/proc/{pid}/cwd").readlink().parent for pid in harness.pids}


class Cluster(unittest.TestCase):
    """Three nodes for all tests, each of which leaves them alive and in step."""

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(real_kafka.RealKafka(nodes=3))

    def ports(self):
        return {node.number: node.port for node in self.kafka.nodes}

    def others(self, number):
        return [node for node in self.kafka.nodes if node.number != number]

    def test_partitions_are_on_all_nodes(self):
        self.kafka.leader("replicated")
        for each in kafka_wire.topic(self.kafka.node(1).port, "replicated").partitions:
            self.assertEqual(sorted(each.replicas), [1, 2, 3])

    def test_another_node_leads_when_the_leader_is_killed_which_comes_back_as_it_was(self):
        leader = self.kafka.leader("led")
        leader.kill()
        with self.assertRaises(OSError):
            kafka_wire.brokers(leader.port)
        self.assertNotEqual(self.kafka.await_new_leader("led", leader).number, leader.number)
        self.kafka.restart(leader.number)
        self.kafka.await_in_sync()
        self.assertEqual(kafka_wire.brokers(leader.port), self.ports())
        self.assertIn("led", [topic.name for topic in kafka_wire.topics(leader.port)])

    def test_a_paused_node_is_silent_until_it_is_resumed(self):
        node = self.kafka.leader("paused")
        node.pause()
        with self.assertRaises(TimeoutError):
            kafka_wire.brokers(node.port, timeout=0.2)
        self.assertNotEqual(self.kafka.await_new_leader("paused", node).number, node.number)
        node.resume()
        self.kafka.await_nodes()
        self.kafka.await_in_sync()


if __name__ == "__main__":
    if "Real" in sys.argv and real_kafka.missing():
        print(f"SKIPPED: {real_kafka.missing()}", file=sys.stderr)
        sys.exit(kafka_broker.beside.EXIT_SKIPPED)
    unittest.main()
