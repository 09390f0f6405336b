# SPDX-License-Identifier: Apache-2.0
"""A URL of two hosts, of which the one in use dies, twice: both ends go over to the other and lose nothing."""

import json

from case import CPP_TO_PYTHON, PYTHON_TO_CPP, URL, InteropCase, shows
from lines import PATIENCE_SECONDS
import oslo
from tcp_proxy import Proxy

# oslo.messaging looks several times at a connection that is gone before it makes another, and rests in between.
QUICK = "?kombu_reconnect_delay=0.1"


class Failover(InteropCase):
    """The hosts are two ways to one broker, so that what was sent by one is there on the other."""

    def setUp(self):
        super().setUp()
        port = int(URL.rstrip("/").rpartition(":")[2])
        self.hosts = [self.enterContext(Proxy(port)) for _ in range(2)]
        self.url = "rabbit://" + ",".join(f"guest:guest@{each.host}" for each in self.hosts) + "/"
        self.hosts[1].refuse()  # so all begin at the first

    def fail_over(self, begin, finish, ask, server):
        """`begin` sends a call that takes a while, `finish` takes its answer, and `ask` has its number sent back."""
        self.assertEqual([ask(n) for n in (0, 1)], [0, 1])
        used, other = self.hosts
        for round in (1, 2):
            begin()
            server.wait_for(lambda line: "sleep" in line, round)
            other.accept()
            used.refuse()
            used.cut()
            finish()
            asked = range(10 * round, 10 * round + 5)
            self.assertEqual([ask(n) for n in asked], list(asked))
            self.assertEqual(len(used.connections), 0)
            self.assertGreaterEqual(len(other.connections), 2)  # both ends
            used, other = other, used

    @shows("failover", CPP_TO_PYTHON)
    def test_R13_a_gantry_client_and_a_python_server(self):
        server = self.python_server(transport=self.python_transport(self.url + QUICK))
        caller = self.gantry_caller(self.url)

        def ask(n):
            return caller.call(self.topic, "add", {"a": n, "b": 1})["result"] - 1

        self.fail_over(lambda: caller.begin(self.topic, "sleep", {"seconds": 0.5}),
                       lambda: self.assertEqual(caller.outcome(), {"result": 0.5}), ask, server)
        seen = [json.loads(line)["args"]["a"] for line in server.lines if "add" in line]
        self.assertEqual(seen, [0, 1, *range(10, 15), *range(20, 25)])  # each once

    @shows("failover", PYTHON_TO_CPP)
    def test_R13_a_python_client_and_a_gantry_server(self):
        server = self.gantry_server(url=self.url)
        client = oslo.rpc_client(self.python_transport(self.url + QUICK), self.topic).prepare(timeout=PATIENCE_SECONDS)
        calls = []

        def begin():
            calls.append(self.meanwhile(client.call, {}, "sleep", seconds=0.5))

        def finish():
            self.assertIsNone(calls.pop().result(PATIENCE_SECONDS))

        self.fail_over(begin, finish, lambda n: client.call({}, "add", a=n, b=1) - 1, server)
        seen = [json.loads(line.removeprefix("add "))["a"] for line in server.lines if line.startswith("add ")]
        self.assertEqual(seen, [0, 1, *range(10, 15), *range(20, 25)])  # each once
