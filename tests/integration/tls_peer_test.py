#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calls between gantry and Python's oslo.messaging over TLS, both from one URL. To be run by rabbit_tls.py."""

import os
import subprocess
import unittest
import uuid

try:
    import oslo_messaging
    from oslo_config import cfg
    cfg.CONF([])  # the one that oslo.messaging's metrics know, whatever it is given
except ImportError:
    oslo_messaging = None

GANTRY = os.environ["GANTRY_COMMAND"]
CA = os.path.join(os.environ["GANTRY_TEST_TLS_FILES"], "ca.pem")
URL = f"rabbit://guest:guest@localhost:{os.environ['GANTRY_TEST_TLS_PORT_BROKER']}/?ssl=true&ssl_ca_file={CA}"
ENVIRONMENT = os.environ | {"GANTRY_URL": URL}
PATIENCE_SECONDS = 60


class Endpoint:
    def add(self, ctxt, a, b):
        return a + b


@unittest.skipUnless(oslo_messaging, "Python's oslo.messaging is not installed")
class TlsPeer(unittest.TestCase):
    def setUp(self):
        self.topic = "tls-" + uuid.uuid4().hex[:12]
        self.transport = oslo_messaging.get_rpc_transport(cfg.CONF, URL)
        self.addCleanup(self.transport.cleanup)

    def test_WIRE_10_python_calls_gantry(self):
        command = [GANTRY, "serve", "--topic", self.topic, "--server", "s1"]
        server = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        try:
            self.assertIn("serving", server.stdout.readline())
            client = oslo_messaging.get_rpc_client(self.transport, oslo_messaging.Target(topic=self.topic))
            self.assertEqual(client.prepare(timeout=PATIENCE_SECONDS).call({}, "add", a=2, b=3), 5)
        finally:
            server.terminate()
            server.communicate()

    def test_WIRE_10_gantry_calls_python(self):
        target = oslo_messaging.Target(topic=self.topic, server="s1")
        server = oslo_messaging.get_rpc_server(self.transport, target, [Endpoint()], executor="threading")
        server.start()
        try:
            command = [GANTRY, "call", self.topic, "add", "a:=2", "b:=3", "--timeout", f"{PATIENCE_SECONDS}s"]
            done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout.strip()), (0, "5"), done.stderr)
        finally:
            server.stop()
            server.wait()


if __name__ == "__main__":
    unittest.main()
