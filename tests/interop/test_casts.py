# SPDX-License-Identifier: Apache-2.0
"""Casts and fanout casts cross both ways; each is seen where it should be, once, and nowhere else."""

import json

from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, InteropCase, shows


class CastsToPython(InteropCase):

    @shows("cast", CPP_TO_PYTHON)
    def test_CLI_14_a_cast_is_seen_once_with_its_arguments(self):
        server = self.python_server()
        for n in range(5):
            self.assert_exit(GANTRY.cast(self.topic, "record", f"n:={n}", "text=Grüße"), 0)
        seen = [json.loads(line)["args"] for line in server.wait_for(is_record, 5)]
        self.assertCountEqual(seen, [{"n": n, "text": "Grüße"} for n in range(5)])
        self.settle(server)
        self.assertEqual(server.count(is_record), 5)

    @shows("fanout", CPP_TO_PYTHON)
    def test_CLI_9_a_fanout_reaches_both_servers(self):
        servers = [self.python_server("python-1"), self.python_server("python-2")]
        self.assert_exit(GANTRY.cast(self.topic, "record", "n:=7", "--fanout"), 0)
        for server in servers:
            line, = server.wait_for(is_record)
            self.assertEqual(json.loads(line)["args"], {"n": 7})

    @shows("server-directed", CPP_TO_PYTHON)
    def test_CLI_19_only_the_server_that_is_named_sees_the_cast(self):
        first, second = self.python_server("python-1"), self.python_server("python-2")
        for n in range(4):
            self.assert_exit(GANTRY.cast(self.topic, "record", f"n:={n}", "--server", "python-2"), 0)
        second.wait_for(is_record, 4)
        self.settle(first, "python-1")
        self.assertEqual(first.count(is_record), 0)

    def settle(self, server, name="python-1"):
        """A call behind the casts: what was to arrive at this server has arrived once it is answered."""
        done = GANTRY.call(self.topic, "whoami", "--server", name)
        self.assert_exit(done, 0)
        server.wait_for(lambda line: json.loads(line)["method"] == "whoami" if line.startswith("{") else False)


class CastsFromPython(InteropCase):

    @shows("cast", PYTHON_TO_CPP)
    def test_RPCS_12_a_cast_is_seen_once(self):
        server = self.gantry_server()
        for _ in range(5):
            self.python_client().cast({}, "ping")
        server.wait_for(is_ping, 5)
        self.python_client(server="gantry-1").call({}, "whoami")
        self.assertEqual(server.count(is_ping), 5)

    @shows("cast", PYTHON_TO_CPP)
    def test_RPCS_12_a_cast_that_fails_is_only_logged(self):
        server = self.gantry_server()
        client = self.python_client()
        client.cast({}, "fail", **{"class": "ValueError", "message": "unheard"})
        client.cast({}, "no_such_method")
        self.assertEqual(client.call({}, "add", a=1, b=1), 2)
        self.assertTrue(server.alive())

    @shows("fanout", PYTHON_TO_CPP)
    def test_CLI_9_a_fanout_reaches_both_servers(self):
        servers = [self.gantry_server("gantry-1"), self.gantry_server("gantry-2")]
        self.python_client(fanout=True).cast({}, "ping")
        for server in servers:
            server.wait_for(is_ping)

    @shows("server-directed", PYTHON_TO_CPP)
    def test_CLI_19_only_the_server_that_is_named_sees_the_cast(self):
        first, second = self.gantry_server("gantry-1"), self.gantry_server("gantry-2")
        for _ in range(4):
            self.python_client(server="gantry-2").cast({}, "ping")
        second.wait_for(is_ping, 4)
        self.python_client(server="gantry-1").call({}, "whoami")
        self.assertEqual(first.count(is_ping), 0)


class MixedServers(InteropCase):

    @shows("fanout", CPP_TO_PYTHON)
    def test_CLI_9_a_gantry_fanout_reaches_a_python_and_a_gantry_server(self):
        ours, theirs = self.gantry_server(), self.python_server()
        self.assert_exit(GANTRY.cast(self.topic, "echo", "--fanout"), 0)
        ours.wait_for(lambda line: "echo" in line)
        theirs.wait_for(lambda line: "echo" in line)

    @shows("fanout", PYTHON_TO_CPP)
    def test_CLI_9_a_python_fanout_reaches_a_python_and_a_gantry_server(self):
        ours, theirs = self.gantry_server(), self.python_server()
        self.python_client(fanout=True).cast({}, "echo")
        ours.wait_for(lambda line: "echo" in line)
        theirs.wait_for(lambda line: "echo" in line)


def is_record(line):
    return line.startswith("{") and json.loads(line)["method"] == "record"


def is_ping(line):
    return "ping" in line
