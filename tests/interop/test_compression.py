# SPDX-License-Identifier: Apache-2.0
"""Bodies that one side compresses and the other accepts, requests and replies alike."""

import json
import os

import oslo
from case import CPP_TO_PYTHON, PYTHON_TO_CPP, URL, InteropCase, shows
from processes import Gantry

# kombu's names; `bz2`, which oslo.messaging documents, fails there on every send.
CODECS = ("gzip", "bzip2", "lzma")
TEXT = json.dumps([f"é{n}" for n in range(2_000)])


def gantry(options):
    return Gantry(os.environ["GANTRY_COMMAND"], f"{URL}?{options}")


class Compression(InteropCase):

    @shows("compressed bodies", CPP_TO_PYTHON)
    def test_WIRE_4_python_reads_what_gantry_compresses(self):
        self.python_server()
        for codec in CODECS:
            command = gantry(f"kombu_compression={codec}")
            done = command.call(self.topic, "echo", "--args-json", "-", stdin=json.dumps({"text": TEXT}))
            self.assert_exit(done, 0)
            self.assertEqual(done.json(), {"text": TEXT}, codec)

    @shows("compressed bodies", PYTHON_TO_CPP)
    def test_WIRE_4_gantry_reads_what_python_compresses(self):
        with gantry("accept_compressed=true").serve(self.topic, "gantry-1"):
            for codec in CODECS:
                transport = self.python_transport(f"{URL}?kombu_compression={codec}")
                client = oslo.rpc_client(transport, self.topic).prepare(timeout=60)
                self.assertEqual(client.call({}, "echo", text=TEXT), {"text": TEXT}, codec)

    @shows("compressed bodies", CPP_TO_PYTHON)
    def test_WIRE_4_gantry_reads_replies_that_python_compresses(self):
        for codec in CODECS:
            self.python_server(codec, transport=self.python_transport(f"{URL}?kombu_compression={codec}"))
            done = gantry("accept_compressed=true").call(self.topic, "whoami", "--server", codec)
            self.assert_exit(done, 0)
            self.assertEqual(done.json(), codec)
