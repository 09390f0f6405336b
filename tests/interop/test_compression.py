# SPDX-License-Identifier: Apache-2.0
"""Bodies that one side compresses and the other accepts, requests and replies alike."""

import json

import oslo
from case import CPP_TO_PYTHON, PYTHON_TO_CPP, URL, InteropCase, shows
from lines import PATIENCE_SECONDS

# kombu's names; `bz2`, which oslo.messaging documents, fails there on every send.
CODECS = ("gzip", "bzip2", "lzma")
TEXT = json.dumps([f"é{n}" for n in range(2_000)])


class Compression(InteropCase):

    @shows("compressed bodies", CPP_TO_PYTHON)
    def test_WIRE_4_python_reads_what_gantry_compresses(self):
        self.python_server()
        for codec in CODECS:
            caller = self.gantry_caller(f"{URL}?kombu_compression={codec}")
            self.assertEqual(caller.call(self.topic, "echo", {"text": TEXT}), {"result": {"text": TEXT}}, codec)

    @shows("compressed bodies", PYTHON_TO_CPP)
    def test_WIRE_4_gantry_reads_what_python_compresses(self):
        self.gantry_server(url=f"{URL}?accept_compressed=true")
        for codec in CODECS:
            transport = self.python_transport(f"{URL}?kombu_compression={codec}")
            client = oslo.rpc_client(transport, self.topic).prepare(timeout=PATIENCE_SECONDS)
            self.assertEqual(client.call({}, "echo", text=TEXT), {"text": TEXT}, codec)

    @shows("compressed bodies", CPP_TO_PYTHON)
    def test_WIRE_4_gantry_reads_replies_that_python_compresses(self):
        caller = self.gantry_caller(f"{URL}?accept_compressed=true")
        for codec in CODECS:
            self.python_server(codec, self.python_transport(f"{URL}?kombu_compression={codec}"))
            called = caller.call(self.topic, "echo", {"text": TEXT}, server=codec)
            self.assertEqual(called, {"result": {"text": TEXT}}, codec)
