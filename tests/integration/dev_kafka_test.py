#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`gantry dev kafka` and the program behind it, gantry-dev-kafka, which tests drive with commands."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

import kafka_wire
from beside import BrokerError
from command_case import COMMAND, DONE, FAILED, NOT_FOUND, PATIENCE_SECONDS, USAGE, CommandCase, environment
from mock_kafka import MockKafka

URL = r"kafka://127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+)*/"
TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED = 29, 30


def ports(url):
    return [int(port) for port in re.findall(r":(\d+)", url)]


class InTheForeground(CommandCase):

    def test_prints_its_url_and_serves_until_either_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.running("dev", "kafka") as process:
                url = process.stdout.readline().strip()
                self.assertRegex(url, f"^{URL}$")
                port, = ports(url)
                self.assertEqual(kafka_wire.brokers(port), {1: port})
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE_SECONDS), DONE)
                with self.assertRaises(OSError):
                    kafka_wire.brokers(port)

    def test_several_brokers_make_one_cluster(self):
        with self.running("dev", "kafka", "--brokers", "3") as process:
            first, second, third = ports(process.stdout.readline())
            for port in (first, second, third):
                self.assertEqual(kafka_wire.brokers(port), {1: first, 2: second, 3: third})

    def test_topics_have_the_partitions_asked_for_and_others_four(self):
        with self.running("dev", "kafka", "--topic", "one:1", "--topic", "many:12", "--json") as process:
            port, = ports(json.loads(process.stdout.readline())["url"])
            for topic, partitions in (("one", 1), ("many", 12), ("unheard_of", 4)):
                self.assertEqual(len(kafka_wire.topic(port, topic).leaders), partitions)

    def test_what_the_command_line_gets_wrong_ends_with_2(self):
        for arguments in ((), ("rabbit",), ("kafka", "--brokers", "0"), ("kafka", "--brokers", "some"),
                          ("kafka", "--topic", "t"), ("kafka", "--topic", ":1"), ("kafka", "--topic", "t:0"),
                          ("kafka", "--background", "--topic", "t:many"), ("stop", "all")):
            with self.subTest(arguments=arguments):
                self.gantry("dev", *arguments, code=USAGE, XDG_RUNTIME_DIR=self.enterContext(
                    tempfile.TemporaryDirectory()))


class InTheBackground(CommandCase):

    def setUp(self):
        self.runtime = self.enterContext(tempfile.TemporaryDirectory())
        self.addCleanup(self.dev_without_check, "stop")

    def dev(self, *arguments, code=DONE):
        return self.gantry("dev", *arguments, code=code, XDG_RUNTIME_DIR=self.runtime)

    def dev_without_check(self, *arguments):
        subprocess.run([COMMAND, "dev", *arguments], env=environment(XDG_RUNTIME_DIR=self.runtime),
                       capture_output=True, timeout=PATIENCE_SECONDS)

    def record(self):
        return pathlib.Path(self.runtime) / "gantry" / "dev-kafka"

    def start(self, *arguments):
        url = self.dev("kafka", "--background", *arguments).stdout
        self.assertRegex(url, f"^{URL}\n$")
        return ports(url)

    def test_goes_on_when_the_command_has_returned_until_it_is_stopped(self):
        first, second = self.start("--brokers", "2", "--topic", "t:2")
        self.assertEqual(set(kafka_wire.brokers(second)), {1, 2})
        self.assertEqual(len(kafka_wire.topic(first, "t").leaders), 2)
        done = self.dev("stop")
        self.assertEqual((done.stdout, done.stderr),
                         ("", f"stopped kafka://127.0.0.1:{first},127.0.0.1:{second}/\n"))
        with self.assertRaises(OSError):
            kafka_wire.brokers(first)

    def test_leaves_both_outputs_to_those_who_read_them_to_their_end(self):
        done = subprocess.run([COMMAND, "dev", "kafka", "--background", "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_SECONDS,
                              env=environment(XDG_RUNTIME_DIR=self.runtime))
        self.assertRegex(json.loads(done.stdout)["url"], f"^{URL}$")

    def test_keeps_no_descriptor_of_its_caller_open(self):
        with tempfile.TemporaryFile() as file:
            os.set_inheritable(file.fileno(), True)
            subprocess.run([COMMAND, "dev", "kafka", "--background"], close_fds=False, check=True,
                           capture_output=True, timeout=PATIENCE_SECONDS,
                           env=environment(XDG_RUNTIME_DIR=self.runtime))
            inode = os.fstat(file.fileno()).st_ino
        pid = self.record().read_text().split()[0]
        self.assertNotIn(inode, [fd.stat().st_ino for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()])

    def test_a_second_one_is_refused_with_the_first_ones_url(self):
        port, = self.start()
        told = self.dev("kafka", "--background", code=FAILED).stderr
        self.assertRegex(told, rf"already: kafka://127\.0\.0\.1:{port}/ \(process \d+\)\n  'gantry dev stop' ends it")

    def test_stopping_none_ends_with_3(self):
        self.assertIn("no broker runs in the background", self.dev("stop", code=NOT_FOUND).stderr)
        self.start()
        self.dev("stop")
        self.dev("stop", code=NOT_FOUND)

    def test_one_that_was_killed_is_none(self):
        self.start()
        process = os.pidfd_open(int(self.record().read_text().split()[0]))
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], PATIENCE_SECONDS)
        os.close(process)
        self.dev("stop", code=NOT_FOUND)
        self.start()

    def test_a_record_that_names_a_process_of_others_ends_nobody(self):
        self.start()
        self.dev("stop")
        with subprocess.Popen(["sleep", "1000"]) as bystander:
            self.record().write_text(f"{bystander.pid} kafka://127.0.0.1:1/\n")
            self.dev("stop", code=NOT_FOUND)
            self.assertIsNone(bystander.poll())
            bystander.kill()

    def test_a_directory_that_others_can_write_to_is_refused(self):
        self.record().parent.mkdir()
        self.record().parent.chmod(0o777)
        for arguments in (("kafka", "--background"), ("stop",)):
            self.assertIn("is writable by others (chmod go-w)", self.dev(*arguments, code=FAILED).stderr)

    def test_what_it_refuses_leaves_nothing_behind(self):
        self.dev("kafka", "--background", "--topic", "t", code=USAGE)
        self.dev("stop", code=NOT_FOUND)


class Commands(unittest.TestCase):

    def setUp(self):
        self.kafka = self.enterContext(MockKafka(brokers=2, topics=["t:1"]))
        self.first, self.second = self.kafka.ports

    def test_a_broker_goes_down_and_comes_up_on_its_port(self):
        self.kafka.command("down 1")
        with self.assertRaises(OSError):
            kafka_wire.brokers(self.first)
        self.assertIn(1, kafka_wire.brokers(self.second))
        self.kafka.command("up 1")
        self.assertIn(1, kafka_wire.brokers(self.first))

    def test_all_brokers_at_once(self):
        self.kafka.command("down all")
        for port in self.kafka.ports:
            with self.assertRaises(OSError):
                kafka_wire.brokers(port)

    def test_answers_come_as_late_as_told(self):
        self.kafka.command("rtt 1 300ms")
        began = time.monotonic()
        kafka_wire.brokers(self.first)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_the_next_requests_of_a_kind_fail(self):
        self.kafka.command("errors find-coordinator _TRANSPORT")
        self.kafka.command("errors find-coordinator GROUP_AUTHORIZATION_FAILED 2")
        with self.assertRaises(ConnectionError):
            kafka_wire.coordinator(self.first, "billing")
        for _ in range(2):
            self.assertEqual(kafka_wire.coordinator(self.first, "billing").error, GROUP_AUTHORIZATION_FAILED)
        self.assertEqual(kafka_wire.coordinator(self.first, "billing").error, 0)

    def test_what_is_left_of_the_errors_is_forgotten(self):
        self.kafka.command("errors find-coordinator GROUP_AUTHORIZATION_FAILED 1000")
        self.kafka.command("clear find-coordinator")
        self.assertEqual(kafka_wire.coordinator(self.first, "billing").error, 0)

    def test_a_group_has_the_coordinator_it_is_given(self):
        for number in (2, 1):
            self.kafka.command(f"coordinator billing {number}")
            self.assertEqual(kafka_wire.coordinator(self.first, "billing").broker, number)

    def test_a_partition_has_the_leader_it_is_given(self):
        for leader, number in (("2", 2), ("1", 1), ("none", -1)):
            self.kafka.command(f"leader t 0 {leader}")
            self.assertEqual(kafka_wire.topic(self.first, "t").leaders, {0: number})

    def test_a_topic_is_made_and_refuses(self):
        self.kafka.command("topic later:3")
        self.assertEqual(len(kafka_wire.topic(self.first, "later").leaders), 3)
        self.kafka.command("topic-error later TOPIC_AUTHORIZATION_FAILED")
        self.assertEqual(kafka_wire.topic(self.first, "later").error, TOPIC_AUTHORIZATION_FAILED)
        self.kafka.command("topic-error later NO_ERROR")
        self.assertEqual(kafka_wire.topic(self.first, "later").error, 0)

    def test_what_a_command_gets_wrong_is_told_and_the_next_one_done(self):
        for line, reason in (("", "empty"), ("fly", "not a command"), ("down", "write: down BROKER|all"),
                             ("down 3", "a number from 1 to 2"), ("rtt 1 soon", "not a duration"),
                             ("errors produce MSG_SIZE_TOO_LARG", "did you mean 'MSG_SIZE_TOO_LARGE'?"),
                             ("errors eat NO_ERROR", "known: produce, fetch"), ("errors produce NO_ERROR 0", "a count"),
                             ("topic t:1", "already exists"), ("leader t 1 1", "Unknown topic or partition")):
            with self.subTest(line=line), self.assertRaisesRegex(BrokerError, "error: .*" + re.escape(reason)):
                self.kafka.command(line)
        self.kafka.command("up all")

    def test_the_end_of_the_commands_is_not_its_end(self):
        self.kafka.process.stdin.close()
        kafka_wire.brokers(self.first)
        self.kafka.process.terminate()
        self.assertEqual(self.kafka.process.wait(PATIENCE_SECONDS), DONE)


if __name__ == "__main__":
    unittest.main()
