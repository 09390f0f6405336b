# SPDX-License-Identifier: Apache-2.0
"""Fanouts by a stream, and numbered queue names, which Debian's oslo.messaging does not have."""

import json
import os
import pathlib
import tempfile

import oslo
from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, URL, InteropCase, shows
from lines import PATIENCE_SECONDS
from oslo_concurrency import lockutils
from oslo_messaging._drivers import impl_rabbit
from processes import Gantry

STREAMS = "rabbit_stream_fanout=true&rabbit_transient_quorum_queue=true&rabbit_qos_prefetch_count=10"

if any(option.name == "rabbit_stream_fanout" for option in impl_rabbit.rabbit_opts):
    class Streams(InteropCase):
        """Both ends read one stream, and each sees all of it once."""

        def setUp(self):
            super().setUp()
            self.url = f"{URL}?{STREAMS}"
            self.transport_of_streams = self.python_transport(self.url)
            self.python = self.python_server(transport=self.transport_of_streams)
            self.gantry = self.gantry_server(url=self.url)

        def assert_seen(self, numbers):
            python = self.python.wait_for(lambda line: '"add"' in line, len(numbers))
            self.assertCountEqual([json.loads(line)["args"]["a"] for line in python], numbers)
            gantry = self.gantry.wait_for(lambda line: line.startswith("add "), len(numbers))
            self.assertCountEqual([json.loads(line.partition(" ")[2])["a"] for line in gantry], numbers)

        @shows("fanout by a stream", CPP_TO_PYTHON)
        def test_WIRE_3_a_gantry_fanout_reaches_both_servers(self):
            command = Gantry(GANTRY.executable, self.url)
            for n in range(12):  # more than are sent ahead
                self.assert_exit(command.cast(self.topic, "add", f"a:={n}", "b:=0", "--fanout"), 0)
            self.assert_seen(list(range(12)))

        @shows("fanout by a stream", PYTHON_TO_CPP)
        def test_WIRE_3_a_python_fanout_reaches_both_servers(self):
            client = oslo.rpc_client(self.transport_of_streams, self.topic).prepare(fanout=True)
            for n in range(12):
                client.cast({}, "add", a=n, b=0)
            self.assert_seen(list(range(12)))

    class QueueNames(InteropCase):
        """Processes of both libraries count on in one file, under one lock."""

        @shows("numbered queue names", CPP_TO_PYTHON)
        @shows("numbered queue names", PYTHON_TO_CPP)
        def test_WIRE_3_no_two_queues_have_one_number(self):
            locks = self.enterContext(tempfile.TemporaryDirectory())
            lockutils.set_defaults(lock_path=locks)
            counter = pathlib.Path(f"/dev/shm/{self.topic}_p_qmanager")
            self.addCleanup(counter.unlink)
            names = f"use_queue_manager=true&hostname={self.topic}&processname=p"
            transport = self.python_transport(f"{URL}?{names}")
            gantry_url = f"{URL}?{names}&queue_manager_lock_path={locks}"
            python = self.python_server(transport=transport)  # 1
            self.gantry_server(url=gantry_url)  # 2
            client = oslo.rpc_client(transport, self.topic, server="gantry-1").prepare(timeout=PATIENCE_SECONDS)
            self.assertEqual(client.call({}, "add", a=1, b=2), 3)  # 3
            caller = self.gantry_caller(gantry_url)
            self.assertEqual(caller.call(self.topic, "add", {"a": 1, "b": 2}, server="python-1"), {"result": 3})  # 4
            group, number, _ = counter.read_text().split(":")
            self.assertEqual((group, number), (str(os.getpgrp()), "4"))
            for n, queue in enumerate((f"{self.topic}_fanout_", f"{self.topic}_fanout_", "reply_", "reply_"), 1):
                self.messages_in_queue(f"{queue}{self.topic}:p:{n}")  # it is there
            self.assertEqual(python.stop(), 0)
