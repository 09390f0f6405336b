# SPDX-License-Identifier: Apache-2.0
"""What reaches no queue is told at once, not at the timeout, and harms nobody."""

import json

import oslo
import oslo_messaging

from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, InteropCase, shows
from lines import PATIENCE_SECONDS

UNREACHABLE = 6  # the command's exit code; 4 would be the timeout


class ToNobody(InteropCase):

    @shows("mandatory", CPP_TO_PYTHON)
    def test_DRV_11_a_call_and_a_cast_to_nobody_end_at_once_and_reach_a_server_that_comes(self):
        for send in (GANTRY.call, GANTRY.cast):
            done = send(self.topic, "record", "n:=1", "--timeout", "600s")
            self.assert_exit(done, UNREACHABLE)
            self.assertIn(f"routing key '{self.topic}'", done.err)
        server = self.python_server()
        for n, send in enumerate((GANTRY.call, GANTRY.cast), 2):
            self.assert_exit(send(self.topic, "record", f"n:={n}"), 0)
        seen = [json.loads(line)["args"] for line in server.wait_for(lambda line: "record" in line, 2)]
        self.assertCountEqual(seen, [{"n": 2}, {"n": 3}])  # and not the first

    @shows("mandatory", CPP_TO_PYTHON)
    def test_DRV_11_a_server_that_is_not_there_is_told_of_beside_one_that_is(self):
        self.python_server("python-1")
        caller = self.gantry_caller()
        outcome = caller.call(self.topic, "whoami", server="python-2", timeout_ms=600_000)
        self.assertEqual((outcome["error"], outcome["exchange"], outcome["routing_key"]),
                         ("MessageUndeliverable", "openstack", self.topic + ".python-2"))
        self.assertEqual(caller.call(self.topic, "whoami", server="python-1"), {"result": "python-1"})

    @shows("mandatory", PYTHON_TO_CPP)
    def test_DRV_11_pythons_at_least_once_finds_our_queues_or_nobody(self):
        client = oslo.rpc_client(self.transport, self.topic, at_least_once=True).prepare(timeout=600)
        for send in (client.call, client.cast):
            with self.assertRaises(oslo_messaging.MessageUndeliverable):
                send({}, "add", a=2, b=3)
        server = self.gantry_server()
        self.assertEqual(client.call({}, "add", a=2, b=3), 5)
        self.assertEqual(client.prepare(server="gantry-1").call({}, "whoami"), "gantry-1")
        with self.assertRaises(oslo_messaging.MessageUndeliverable):
            client.prepare(server="gantry-2").call({}, "whoami")
        client.cast({}, "ping")
        server.wait_for(lambda line: "ping" in line)


class RepliesToNobody(InteropCase):

    @shows("mandatory", PYTHON_TO_CPP)
    def test_RPCS_14_a_caller_that_has_vanished_holds_nobody_up(self):
        server = self.gantry_server("gantry-1", "--workers", "1")
        for n in range(20):
            self.publish(json.dumps({"method": "echo", "args": {"n": n}, "_msg_id": f"m{n}",
                                     "_reply_q": f"reply_gone_{n}", "_unique_id": f"u{n}"}), self.topic)
        self.assertEqual(self.python_client().call({}, "add", a=2, b=3), 5)
        server.wait_for(lambda line: "echo" in line, 20)
        self.assertEqual(self.python_client().call({}, "echo", x=1), {"x": 1})

    @shows("mandatory", PYTHON_TO_CPP)
    def test_RPCS_14_a_reply_waits_for_a_queue_that_comes_back(self):
        """oslo.messaging declares it again after a while; until then the broker returns our reply."""
        server = self.gantry_server()
        transport = self.python_transport()
        client = oslo.rpc_client(transport, self.topic).prepare(timeout=PATIENCE_SECONDS)
        self.assertEqual(client.call({}, "add", a=2, b=3), 5)
        call = self.meanwhile(client.call, {}, "sleep", seconds=0.2)
        server.wait_for(lambda line: "sleep" in line)
        self.delete_queue(transport._driver._reply_q)
        self.assertIsNone(call.result(PATIENCE_SECONDS))
        self.assertEqual(client.call({}, "echo", x="and on"), {"x": "and on"})
