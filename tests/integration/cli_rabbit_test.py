#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command beside a RabbitMQ: its own server, draining, and a broker that refuses."""

import json
import os
import signal
import unittest
import uuid

from command_case import DONE, PATIENCE_SECONDS, REMOTE_ERROR, TIMEOUT, UNREACHABLE, CommandCase

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
        self.call("ping", "--timeout", "1s", code=TIMEOUT)

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
                          ("serve", url, "--topic", self.topic, "--server", "node-1")):
            self.assertNotIn("c4n4ry", self.gantry("-vv", *arguments, code=UNREACHABLE).stderr)


if __name__ == "__main__":
    unittest.main()
