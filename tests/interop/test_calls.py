# SPDX-License-Identifier: Apache-2.0
"""Calls: results, None, contexts, one server among several, call monitoring."""

import oslo_messaging

from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, InteropCase, shows
from lines import PATIENCE_SECONDS


class CallsToPython(InteropCase):

    @shows("call", CPP_TO_PYTHON)
    def test_CLI_4_gets_the_result(self):
        self.python_server()
        done = GANTRY.call(self.topic, "add", "a:=2", "b:=3")
        self.assert_exit(done, 0)
        self.assertEqual(done.out, "5\n")

    @shows("None", CPP_TO_PYTHON)
    def test_RPLY_8_prints_null_for_None(self):
        self.python_server()
        done = GANTRY.call(self.topic, "none")
        self.assert_exit(done, 0)
        self.assertEqual(done.out, "null\n")

    @shows("unknown method, version, namespace", CPP_TO_PYTHON)
    def test_EXC_9_an_unknown_method_is_told_as_NoSuchMethod(self):
        self.python_server()
        done = GANTRY.call(self.topic, "fly")
        self.assert_exit(done, 5)
        self.assertIn("NoSuchMethod", done.err)
        self.assertIn("fly", done.err)

    @shows("unknown method, version, namespace", CPP_TO_PYTHON)
    def test_EXC_9_an_unknown_version_or_namespace_is_told_as_UnsupportedVersion(self):
        self.python_server()
        for flags in (("--version", "2.0"), ("--version", "1.5"), ("--ns", "elsewhere")):
            done = GANTRY.call(self.topic, "whoami", *flags)
            self.assert_exit(done, 5)
            self.assertIn("UnsupportedVersion", done.err)

    @shows("namespace and version", CPP_TO_PYTHON)
    def test_CLI_2_namespace_and_version_choose_the_endpoint(self):
        self.python_server()
        for flags, answer in (((), "python-1"), (("--version", "1.4"), "python-1"),
                              (("--ns", "lab", "--version", "2.1"), "lab")):
            done = GANTRY.call(self.topic, "whoami", *flags)
            self.assert_exit(done, 0)
            self.assertEqual(done.json(), answer)

    @shows("server-directed", CPP_TO_PYTHON)
    def test_CLI_19_a_server_that_is_named_gets_the_call(self):
        servers = {name: self.python_server(name) for name in ("python-1", "python-2", "python-3")}
        for name in servers:
            for _ in range(3):
                done = GANTRY.call(self.topic, "whoami", "--server", name)
                self.assert_exit(done, 0)
                self.assertEqual(done.json(), name)

    @shows("context", CPP_TO_PYTHON)
    def test_ENV_4_the_context_arrives(self):
        self.python_server()
        done = GANTRY.call(self.topic, "context", "--context", "user=ada", "--context", "request_id=r-1")
        self.assert_exit(done, 0)
        self.assertEqual(done.json(), {"user": "ada", "request_id": "r-1", "client_timeout": None})

    @shows("call monitor", CPP_TO_PYTHON)
    def test_CLI_17_a_call_that_outlasts_its_monitor_lives_by_heartbeats(self):
        self.python_server()
        done = GANTRY.call(self.topic, "sleep", "seconds:=5", "--timeout", "60s", "--monitor", "4s")
        self.assert_exit(done, 0)
        self.assertEqual(done.json(), 5)

    @shows("call monitor", CPP_TO_PYTHON)
    def test_CLI_17_a_server_that_is_killed_is_missed_long_before_the_timeout(self):
        server, caller = self.python_server_process(), self.gantry_caller()
        caller.begin(self.topic, "sleep", {"seconds": 600}, timeout_ms=600_000, monitor_ms=2000)
        server.wait_for(lambda line: "sleep" in line)
        server.kill()
        outcome = caller.outcome()
        self.assertEqual((outcome["error"], outcome["cause"]), ("MessagingTimeout", "no heartbeat"))


class CallsFromPython(InteropCase):

    @shows("call", PYTHON_TO_CPP)
    def test_DISP_11_gets_the_result(self):
        self.gantry_server()
        self.assertEqual(self.python_client().call({}, "add", a=2, b=3), 5)
        self.assertEqual(self.python_client().call({}, "whoami"), "gantry-1")

    @shows("None", PYTHON_TO_CPP)
    def test_RPCS_5_null_arrives_as_None(self):
        self.gantry_server()
        self.assertEqual(self.python_client().call({}, "echo", x=None), {"x": None})

    @shows("bad arguments", PYTHON_TO_CPP)
    def test_DISP_12_missing_unexpected_and_ill_typed_arguments_are_told_by_name(self):
        self.gantry_server()
        for arguments, named in (({"a": 1}, "b"), ({"a": 1, "b": 2, "extra": 3}, "extra"),
                                 ({"a": 1, "b": "two"}, "b")):
            with self.assertRaises(Exception) as caught:
                self.python_client().call({}, "add", **arguments)
            self.assertNotIsInstance(caught.exception, oslo_messaging.MessagingTimeout)
            self.assertRegex(str(caught.exception), rf"\b{named}\b")

    @shows("unknown method, version, namespace", PYTHON_TO_CPP)
    def test_DISP_6_an_unknown_method_is_NoSuchMethod(self):
        self.gantry_server()
        for method in ("fly", "_echo", "target", ""):
            self.assertEqual(self.remote_error(method).exc_type, "NoSuchMethod")

    @shows("unknown method, version, namespace", PYTHON_TO_CPP)
    def test_DISP_6_an_unknown_version_or_namespace_is_UnsupportedVersion(self):
        self.gantry_server()
        for target in ({"version": "2.0"}, {"version": "1.99"}, {"namespace": "elsewhere"}, {"namespace": ""}):
            self.assertEqual(self.remote_error("echo", **{"target": target}).exc_type, "UnsupportedVersion")

    @shows("namespace and version", PYTHON_TO_CPP)
    def test_DISP_3_namespace_and_version_choose_the_endpoint(self):
        self.gantry_server("gantry-1", "--ns", "lab", "--version", "2.3")
        client = self.python_client(namespace="lab")
        for version in ("2.3", "2.0"):
            self.assertEqual(client.prepare(version=version).call({}, "whoami"), "gantry-1")
        for target in ({"version": "2.4"}, {"version": "1.0"}, {"namespace": None, "version": "2.3"}):
            with self.assertRaises(oslo_messaging.RemoteError) as caught:
                client.prepare(**target).call({}, "whoami")
            self.assertEqual(caught.exception.exc_type, "UnsupportedVersion")

    @shows("server-directed", PYTHON_TO_CPP)
    def test_CLI_19_a_server_that_is_named_gets_the_call(self):
        names = ("gantry-1", "gantry-2", "gantry-3")
        for name in names:
            self.gantry_server(name)
        for name in names * 10:
            self.assertEqual(self.python_client(server=name).call({}, "whoami"), name)

    @shows("call monitor", PYTHON_TO_CPP)
    def test_DISP_14_a_call_that_outlasts_its_monitor_lives_by_heartbeats(self):
        self.gantry_server()
        client = self.python_client().prepare(timeout=60, call_monitor_timeout=4)
        client.call({}, "sleep", seconds=5)
        self.assertEqual(client.call({}, "add", a=2, b=3), 5)

    @shows("call monitor", PYTHON_TO_CPP)
    def test_CLI_17_a_server_that_is_killed_is_missed_long_before_the_timeout(self):
        server = self.gantry_server()
        client = self.python_client().prepare(timeout=600, call_monitor_timeout=2)
        call = self.meanwhile(client.call, {}, "sleep", seconds=600)
        server.wait_for(lambda line: "sleep" in line)
        server.kill()
        with self.assertRaises(oslo_messaging.MessagingTimeout):
            call.result(PATIENCE_SECONDS)

    def remote_error(self, method, target=None, **arguments):
        with self.assertRaises(oslo_messaging.RemoteError) as caught:
            self.python_client(**(target or {})).call({}, method, **arguments)
        return caught.exception
