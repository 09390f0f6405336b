#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command beside a RabbitMQ: its own server, draining, notifications, and a broker that refuses."""

import json
import os
import signal
import subprocess
import unittest
import uuid

from command_case import (COMMAND, DONE, FAILED, PATIENCE_SECONDS, REMOTE_ERROR, TIMEOUT, UNREACHABLE, CommandCase,
                          environment)

URL = os.environ["GANTRY_TEST_RABBIT"]


class Rabbit(CommandCase):

    def setUp(self):
        self.topic = "cli-" + uuid.uuid4().hex[:12]

    def serve(self, *arguments):
        server = self.enterContext(self.running("serve", "--topic", self.topic, "--server", "node-1", *arguments,
                                                GANTRY_URL=URL))
        self.assertIn(self.topic, server.stdout.readline())
        return server

    def call(self, *arguments, code=DONE):
        return self.gantry("call", self.topic, *arguments, code=code, GANTRY_URL=URL).stdout

    def stop(self, server):
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(PATIENCE_SECONDS), DONE)

    def test_the_methods_of_a_server(self):
        self.serve()
        for arguments, result in ((("add", "a:=2", "b:=3"), "5"), (("add", "a:=0.1", "b:=0.2"), "0.30000000000000004"),
                                  (("add", "a:=2", "b:=0.5"), "2.5"), (("ping",), '"pong"'),
                                  (("whoami", "--server", "node-1"), '"node-1"'), (("sleep", "seconds:=0"), "null"),
                                  (("echo", "a:=[1]"), '{"a": [1]}')):
            self.assertEqual(self.call(*arguments), result + "\n")

    def test_what_a_method_refuses_is_a_remote_error(self):
        self.serve()
        for arguments in (("add", "a:=1", "b=x"), ("add", "a:=1"), ("add", "a:=9223372036854775807", "b:=1"),
                          ("sleep", "seconds:=-1"), ("ping", "loud:=true"), ("fly",), ("ping", "--version", "2.0"),
                          ("fail", "class=ValueError")):
            self.call(*arguments, code=REMOTE_ERROR)

    def test_a_line_a_request(self):
        server = self.serve()
        self.call("add", "a:=2", "b:=3")
        self.assertEqual(server.stdout.readline(), 'add {"a": 2, "b": 3}\n')

    def test_an_object_a_request_with_json(self):
        server = self.serve("--json", "--ns", "lab", "--version", "1.5")
        self.call("ping", "--ns", "lab", "--version", "1.4", "--context", "user=ada")
        request = json.loads(server.stdout.readline())
        self.assertEqual((request["method"], request["args"], request["context"]["user"]), ("ping", {}, "ada"))

    def test_a_signal_lets_the_requests_under_way_be_answered(self):
        server = self.serve()
        with self.running("call", URL, self.topic, "sleep", "seconds:=2") as client:
            self.assertIn("sleep", server.stdout.readline())
            self.stop(server)
            self.assertEqual(client.communicate(timeout=PATIENCE_SECONDS)[0], "null\n")

    def test_a_second_signal_ends_at_once(self):
        server = self.serve()
        self.gantry("cast", URL, self.topic, "sleep", "seconds:=3600")
        self.assertIn("sleep", server.stdout.readline())
        server.send_signal(signal.SIGTERM)
        self.assertIn("a second signal ends now", server.stderr.readline())
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(PATIENCE_SECONDS), -signal.SIGTERM)

    def test_nobody_serves(self):
        self.call("ping", "--timeout", "5s", code=UNREACHABLE)
        self.gantry("cast", URL, self.topic, "ping", "--timeout", "5s", code=UNREACHABLE)

    def test_the_server_is_gone_and_its_queue_is_not(self):
        self.stop(self.serve())
        self.call("ping", "--timeout", "5s", code=TIMEOUT)

    def test_verbose_shows_where_the_time_went(self):
        self.serve()
        told = self.gantry("call", URL, self.topic, "ping", "-v").stderr
        self.assertRegex(told, r"(?s)timeline:\n.*pool .* ms\n.*sent .* ms\n.*confirmed .* ms\n.*reply .* ms\n")

    def test_the_demo_holds(self):
        self.gantry("demo", URL)

    def test_sec_05_a_broker_that_refuses_ends_with_6_and_shows_no_password(self):
        url = URL.replace("guest:guest@", "ada:c4n4ry-7f3a@")
        self.assertNotEqual(url, URL)
        for arguments in (("call", url, self.topic, "ping"), ("cast", url, self.topic, "ping"), ("demo", url),
                          ("serve", url, "--topic", self.topic, "--server", "node-1"),
                          ("notify", url, "--timeout", "2s"), ("listen", url, "--timeout", "2s")):
            self.assertNotIn("c4n4ry", self.gantry("-vv", *arguments, code=UNREACHABLE).stderr)


class Notifications(CommandCase):

    def setUp(self):
        self.topic = "cli-" + uuid.uuid4().hex[:12]

    def notify(self, *arguments):
        return self.gantry("notify", URL, "--topic", self.topic, *arguments, "-q").stdout.strip()

    def listen(self, *arguments, code=DONE):
        """What a listener printed that ran to its end."""
        done = self.gantry("listen", URL, "-q", "--json", "--topic", self.topic, *arguments, code=code)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def listening(self, *arguments):
        """A listener that is subscribed."""
        process = self.enterContext(self.running("listen", URL, "--json", "--topic", self.topic, *arguments))
        while not (line := process.stderr.readline()).startswith("listening to "):
            self.assertNotEqual(line, "")
        return process

    def stop(self, process):
        """What it printed since, and its last word."""
        process.send_signal(signal.SIGTERM)
        out, err = process.stdout.readlines(), process.stderr.readlines()
        self.assertEqual(process.wait(PATIENCE_SECONDS), DONE, err)
        return [json.loads(line) for line in out], err[-1]

    def test_NTF_14_the_object_of_a_notification(self):
        for arguments in ((), ("--v1",)):
            id = self.notify("--event", "compute.start", "id=i-1", "n:=5", "--publisher", "demo", "--context",
                             "user_id=ada", "--context", "auth_token=c4n4ry", *arguments)
            done = self.gantry("listen", URL, "--json", "--topic", self.topic, "--max", "1")
            self.assertRegex(done.stdout, '^{"priority": "info", "publisher_id": "demo", "event_type": "compute.start", '
                             f'"payload": {{"id": "i-1", "n": 5}}, "message_id": "{id}", "timestamp": '
                             r'"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", "context": {"user_id": "ada"}}\n$')
            self.assertEqual(done.stderr.splitlines()[-1], "ledger: sent 0; received 1: 1 handled")

    def test_NTF_14_a_line_a_notification(self):
        id = self.notify("text=a\tb", "--priority", "warning")
        done = self.gantry("listen", URL, "--topic", self.topic, "--max", "1")
        self.assertEqual(done.stdout, f'warn\tgantry\ttest\t{{"text": "a\\tb"}}\t{id}\n')

    def test_NTF_3_every_priority_and_a_choice_of_them(self):
        priorities = ["audit", "debug", "info", "warn", "error", "critical", "sample"]
        for priority in priorities:
            self.notify("--priority", priority)
        chosen = self.listen("--priority", "info,ERROR", "--max", "2")
        self.assertEqual(sorted(each["priority"] for each in chosen), ["error", "info"])
        others = self.listen("--max", "5")
        self.assertEqual(sorted([each["priority"] for each in chosen + others]), sorted(priorities))

    def test_NLSN_8_each_pool_gets_a_copy(self):
        pools = [self.listening("--pool", self.topic + name, "--max", "1") for name in ("-a", "-b")]
        id = self.notify()
        for process in pools:
            self.assertEqual(json.loads(process.stdout.readline())["message_id"], id)
            self.assertEqual(process.wait(PATIENCE_SECONDS), DONE)

    def test_max_leaves_the_others_with_the_broker(self):
        sent = [self.notify() for _ in range(6)]
        taken = [each["message_id"] for _ in range(3) for each in self.listen("--max", "2")]
        self.assertCountEqual(taken, sent)

    def test_max_that_is_not_reached_in_time_ends_with_4_and_keeps_what_came(self):
        id = self.notify()
        with self.running("listen", URL, "-q", "--json", "--topic", self.topic, "--max", "2", "--timeout",
                          "10s") as process:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, json.loads(out)["message_id"]), (TIMEOUT, id))
        self.assertIn("timed out after 10.0 s: 1 of 2 notifications came", err)

    def test_NLSN_5_requeue_once_gives_each_back_and_takes_it_then(self):
        sent = [self.notify() for _ in range(3)]
        process = self.listening("--requeue-once", "--max", "3")
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertCountEqual([json.loads(line)["message_id"] for line in out.splitlines()], sent)
        self.assertEqual(err.splitlines()[-1], "ledger: sent 0; received 6: 3 handled, 3 requeued")

    def test_BATCH_4_what_waits_comes_in_batches(self):
        for _ in range(5):
            self.notify("--priority", "error")
        done = self.gantry("listen", URL, "-v", "--topic", self.topic, "--batch", "3", "--batch-timeout", "500ms",
                           "--max", "5")
        sizes = [int(line.split()[3]) for line in done.stderr.splitlines() if line.startswith("a batch of")]
        self.assertEqual(sum(sizes), 5)
        self.assertIn(max(sizes), (2, 3))  # waiting ones come together, as fast as the machine is

    def test_a_signal_drains_and_the_ledger_balances(self):
        process = self.listening()
        sent = [self.notify() for _ in range(5)]
        first = json.loads(process.stdout.readline())["message_id"]
        rest, last = self.stop(process)
        seen = [first] + [each["message_id"] for each in rest]
        more = len(sent) - len(seen)
        left = [each["message_id"] for each in self.listen("--max", str(more))] if more else []
        self.assertCountEqual(seen + left, sent)
        self.assertEqual(last, f"ledger: sent 0; received {len(seen)}: {len(seen)} handled\n")

    def test_what_cannot_be_printed_is_not_acknowledged(self):
        id = self.notify()
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "listen", URL, "--topic", self.topic, "--max", "1"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS, env=environment())
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertEqual([each["message_id"] for each in self.listen("--max", "1")], [id])


if __name__ == "__main__":
    unittest.main()
