#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command from outside: exit codes, what goes to which stream, and that no password shows.

GANTRY_COMMAND is the command. GANTRY_PLUGIN_PATH leads to the drivers, among them `canned`, which ends
a request as its method says, and so stands for a broker and a peer that do whatever a test needs.
"""

import json
import signal
import subprocess
import unittest

from command_case import (COMMAND, DONE, FAILED, NOT_FOUND, PATIENCE_SECONDS, REMOTE_ERROR, TIMEOUT, UNREACHABLE,
                          USAGE, CommandCase, environment)

CANARY = "c4n4ry-7f3a"


class CannedCase(CommandCase):

    def call(self, *arguments, code=DONE, **variables):
        return self.gantry("call", "canned://", "calc", *arguments, code=code, **variables)


class Usage(CommandCase):

    def test_the_help_of_every_verb_is_there_and_done(self):
        self.assertIn("Exit codes:", self.gantry("--help").stdout)
        for verb in ("demo", "drivers", "check", "call", "cast", "serve", "notify", "listen",
                     "decode", "dev"):
            self.assertIn(verb, self.gantry("--help").stdout)
            self.assertIn("Usage: gantry " + verb, self.gantry(verb, "--help").stdout)

    def test_the_version_says_which_drivers_fit(self):
        self.assertRegex(self.gantry("--version").stdout, r"^gantry \d+\.\d+\.\d+ \(gantry_driver_abi\d+_\w+\)\n$")

    def test_what_the_command_line_gets_wrong_ends_with_2(self):
        for arguments in ((), ("fly",), ("call",), ("call", "canned://"), ("call", "canned://", "calc"),
                          ("call", "canned://", "calc", "add", "--timeout", "soon"),
                          ("call", "canned://", "calc", "add", "--timeout", "0s"),
                          ("call", "canned://", "calc", "add", "--timeout=-1s"),
                          ("call", "canned://", "calc", "add", "--wings"),
                          ("call", "canned://", "calc", "add", "a"), ("call", "canned://", "calc", "add", "=1"),
                          ("call", "canned://", "calc", "add", "a=1", "a=2"),
                          ("call", "canned://", "calc", "add", "a:=one"),
                          ("call", "canned://", "calc", "add", "a:=18446744073709551616"),
                          ("call", "canned://", "calc", "add", "a=1", "--args-json", '{"a": 1}'),
                          ("call", "canned://", "calc", "add", "--args-json", "[1]"),
                          ("call", "canned://", "calc", "add", "--args-json", "{"),
                          ("call", "canned://", "calc", "add", "--context", "user"),
                          ("call", "canned://", "calc", "add", "--version", "one"),
                          ("call", "canned://", "", "add"),
                          ("call", "canned://h:port/", "calc", "add"), ("call", "calc", "add"),
                          ("call", "canned://?size=ten", "calc", "add"), ("call", "canned://?siez=1", "calc", "add"),
                          ("call", "calc", "add", "--transport", "rpc"),
                          ("serve", "fake://", "--topic", "calc"),
                          ("serve", "fake://", "--topic", "calc", "--server", "n", "--workers", "0"),
                          ("notify", "fake://", "a"), ("notify", "fake://", "--args-json", "[1]"),
                          ("notify", "fake://", "--args-json", "-"), ("notify", "fake://", "--args-json", '"text"'),
                          ("notify", "fake://", "--priority", "loud"), ("notify", "fake://", "--context", "user"),
                          ("notify", "fake://", "--retry", "often"), ("notify", "fake://", "--topic", ""),
                          ("listen", "fake://", "--priority", "info,loud"), ("listen", "fake://", "--batch", "0"),
                          ("listen", "fake://", "--max", "0"), ("listen", "fake://", "--timeout", "soon"),
                          ("listen", "fake://", "--topic", "", "--timeout", "1s"), ("listen", "events"),
                          ("drivers", "hide"), ("check",)):
            with self.subTest(arguments=arguments):
                self.gantry(*arguments, code=USAGE)

    def test_a_topic_or_a_method_may_be_called_like_a_verb(self):
        done = self.gantry("call", "canned://", "serve", "request", "decode=check")
        self.assertEqual(json.loads(done.stdout)["body"]["args"], {"decode": "check"})

    def test_global_options_stand_before_or_after_the_verb(self):
        for arguments in (("--json", "drivers"), ("drivers", "--json")):
            json.loads(self.gantry(*arguments).stdout.splitlines()[0])


class Arguments(CannedCase):

    def request(self, *arguments, **options):
        return json.loads(self.call("request", *arguments, **options).stdout)

    def test_pairs_are_text_or_json(self):
        arguments = self.request("text=5", "number:=5", "list:=[1, 2.5, null]", "empty=", "equals=a=b", "é=ü")
        self.assertEqual(arguments["body"]["args"], {"text": "5", "number": 5, "list": [1, 2.5, None], "empty": "",
                                                     "equals": "a=b", "é": "ü"})

    def test_an_object_comes_from_the_option_or_from_stdin_and_joins_the_pairs(self):
        expected = {"a": 2, "b": {"c": [True]}}
        text = '{"b": {"c": [true]}}'
        self.assertEqual(self.request("a:=2", "--args-json", text)["body"]["args"], expected)
        self.assertEqual(self.request("a:=2", "--args-json", "-", stdin=text)["body"]["args"], expected)

    def test_context_namespace_and_version_go_with_the_request(self):
        request = self.request("--context", "user=ada", "--context", "n:=1", "a=1", "--ns", "lab", "--version", "1.4")
        self.assertEqual((request["context"], request["body"]["args"]), ({"user": "ada", "n": 1}, {"a": "1"}))
        self.assertEqual((request["body"]["namespace"], request["body"]["version"]), ("lab", "1.4"))


class Call(CannedCase):

    def test_prints_the_result_as_one_line_of_json(self):
        for value in ("5", "-0.0", "null", '"x"', "[]", '{"a": [1, {"b": false}]}', "0.1", "1e+300"):
            done = self.call("answer", f"value:={value}")
            self.assertEqual((done.stdout, done.stderr), (value + "\n", ""))

    def test_a_remote_error_shows_class_text_and_trace_and_ends_with_5(self):
        done = self.call("remote_error", "text=no such planet: Ünktar", code=REMOTE_ERROR)
        self.assertTrue(done.stderr.startswith("error: ValueError: no such planet: Ünktar\n"), done.stderr)
        self.assertIn('File "calc.py", line 3, in add', done.stderr)

    def test_a_timeout_says_why_and_ends_with_4(self):
        done = self.call("timeout", "text=no consumer", "--timeout", "2s", code=TIMEOUT)
        self.assertRegex(done.stderr, r"^error: timed out after [012]\.\d s: no consumer\n"
                         r"  the broker has no queue with a consumer for 'calc' in exchange 'openstack'; "
                         r"start the server for that topic\n$")
        for cause in ("unknown", "no reply", "not confirmed", "still in the handler", "no heartbeat", "reply lost"):
            self.assertIn(cause, self.call("timeout", f"text={cause}", code=TIMEOUT).stderr)

    def test_what_the_broker_does_not_take_ends_with_6(self):
        self.call("timeout", "text=not connected", code=UNREACHABLE)
        for method in ("undeliverable", "undelivered", "in_doubt", "refused", "driver_error"):
            self.call(method, "text=no luck", code=UNREACHABLE)

    def test_any_other_failure_ends_with_1(self):
        self.call("unserialisable", code=FAILED)

    def test_verbose_adds_the_timeline_on_stderr(self):
        done = self.call("answer", "value:=5", "-v")
        self.assertEqual(done.stdout, "5\n")
        self.assertRegex(done.stderr, r"timeline:\n  sent +\d+\.\d{3} ms\n  reply +\d+\.\d{3} ms\n")
        self.assertIn("timeline:", self.call("timeout", "text=no reply", "-v", code=TIMEOUT).stderr)

    def test_a_cast_prints_nothing(self):
        done = self.gantry("cast", "canned://", "calc", "request", "--fanout")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.gantry("cast", "canned://", "calc", "undeliverable", code=UNREACHABLE)

    def test_an_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "call", "canned://", "calc", "answer", "value:=5"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS, env=environment())
        self.assertEqual((done.returncode, done.stderr), (FAILED, "error: the output could not be written\n"))


class Notify(CommandCase):

    MESSAGE_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    def test_NTF_14_prints_the_message_id(self):
        done = self.gantry("notify", "fake://", "id=i-1")
        self.assertRegex(done.stdout, f"^{self.MESSAGE_ID}\n$")
        self.assertEqual(done.stderr, "")
        shown = json.loads(self.gantry("notify", "fake://", "--json").stdout)
        self.assertEqual(list(shown), ["message_id"])
        self.assertRegex(shown["message_id"], f"^{self.MESSAGE_ID}$")

    def test_NTF_14_an_unknown_priority_is_refused_with_those_there_are(self):
        done = self.gantry("notify", "fake://", "--priority", "loud", code=USAGE)
        self.assertIn("'loud' is not a priority; known: audit, debug, info, warn, error, critical, sample",
                      done.stderr)

    def test_NTF_14_a_payload_is_an_object(self):
        done = self.gantry("notify", "fake://", "--args-json", "-", stdin="[1]", code=USAGE)
        self.assertIn("a JSON object", done.stderr)

    def test_an_argument_may_hold_a_url(self):
        self.gantry("notify", "image=http://h/i", GANTRY_URL="fake://")

    def test_a_driver_without_notifications_is_a_failure(self):
        for arguments in (("notify", "canned://"), ("listen", "canned://")):
            self.assertIn("notifications", self.gantry(*arguments, code=FAILED).stderr)


class Listen(CommandCase):

    def test_ends_after_its_time(self):
        done = self.gantry("listen", "fake://", "--timeout", "10ms", "--topic", "events", "--priority", "info,warning")
        self.assertEqual((done.stdout, done.stderr), ("", "listening to events.info events.warn\n"
                                                          "ledger: sent 0; received 0\n"))

    def test_fewer_than_max_in_time_ends_with_4(self):
        done = self.gantry("listen", "-q", "fake://", "--timeout", "10ms", "--max", "2", code=TIMEOUT)
        self.assertEqual(done.stderr, "error: timed out after 0.0 s: 0 of 2 notifications came\n")

    def test_either_signal_ends_it_with_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.running("listen", "fake://") as process:
                self.assertRegex(process.stderr.readline(), "^listening to notifications.audit .*notifications.sample$")
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE_SECONDS), DONE)


class NotificationsOfAConfiguration(CommandCase):

    CONFIG = ("transports:\n  events: {url: 'fake://'}\n"
              "notifications: {transport: events, topics: [events, audit], driver: [log], publisher_id: node-1}\n")

    def test_NTF_14_the_section_says_where_and_how(self):
        config = self.file(self.CONFIG)
        told = self.gantry("-v", "notify", "a=b", "--config", config, GANTRY_URL="nowhere://").stderr
        self.assertIn('"publisher_id": "node-1"', told)
        self.assertIn('"publisher_id": "node-2"',
                      self.gantry("-v", "notify", "--publisher", "node-2", "--config", config).stderr)
        self.assertEqual(self.gantry("notify", "--v1", "--config", config).stderr, "")

    def test_NLSN_10_a_listener_takes_its_topics(self):
        done = self.gantry("listen", "--config", self.file(self.CONFIG), "--timeout", "10ms", "--priority", "info",
                           GANTRY_URL="nowhere://")
        self.assertIn("listening to events.info audit.info\n", done.stderr)

    def test_the_command_line_wins(self):
        config = self.file(self.CONFIG)
        self.gantry("notify", "canned://", "--config", config, "--v1", code=FAILED)
        self.gantry("notify", "--transport", "nosuch", "--config", config, code=NOT_FOUND)


class WhereTheUrlComesFrom(CannedCase):

    CONFIG = "transports:\n  rpc:\n    url: canned://\n    exchange: lab\n"

    def test_the_environment(self):
        self.assertEqual(self.gantry("call", "calc", "answer", "value:=5", GANTRY_URL="canned://").stdout, "5\n")

    def test_a_transport_of_the_configuration_with_its_exchange(self):
        config = self.file(self.CONFIG)
        named = ("--config", config, "--transport", "rpc")
        self.assertEqual(self.gantry("call", "calc", "answer", "value:=5", *named).stdout, "5\n")
        done = self.gantry("call", "calc", "timeout", "text=no consumer", *named, code=TIMEOUT)
        self.assertIn("in exchange 'lab'", done.stderr)

    def test_the_command_line_wins_over_the_environment(self):
        self.assertEqual(self.call("answer", "value:=5", GANTRY_URL="nowhere://").stdout, "5\n")

    def test_a_url_and_a_transport_exclude_each_other(self):
        config = self.file(self.CONFIG)
        self.call("answer", "--config", config, "--transport", "rpc", code=USAGE)

    def test_what_is_not_there_ends_with_3(self):
        config = self.file(self.CONFIG)
        done = self.gantry("call", "calc", "m", "--config", config, "--transport", "rcp", code=NOT_FOUND)
        self.assertIn("it has: rpc", done.stderr)
        self.gantry("call", "calc", "m", "--config", "/nowhere/bus.yaml", "--transport", "rpc", code=NOT_FOUND)
        done = self.gantry("call", "caned://h/", "calc", "m", code=NOT_FOUND)
        self.assertTrue(done.stderr.startswith("error: no driver for scheme 'caned'; did you mean 'canned'?\n"),
                        done.stderr)


class Demo(CommandCase):

    def test_every_step_holds_on_fake(self):
        steps = [json.loads(line) for line in self.gantry("demo", "--json").stdout.splitlines()]
        self.assertEqual([step["step"] for step in steps],
                         ["serve", "call", "cast", "fanout", "remote error", "notification", "stop"])
        self.assertTrue(all(step["holds"] for step in steps), steps)

    def test_a_broker_that_refuses_ends_with_6(self):
        self.gantry("demo", "canned://", code=UNREACHABLE)


class Signals(CommandCase):

    def test_a_server_tells_when_it_serves_and_ends_with_0_on_either_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.running("serve", "fake://", "--topic", "calc", "--server", "node-1") as process:
                self.assertEqual(process.stdout.readline(), "serving calc on node-1\n")
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE_SECONDS), DONE)

    def test_a_call_that_waits_is_given_up(self):
        with self.running("-vv", "call", "canned://", "calc", "never") as process:
            self.assertIn("a call waits", process.stderr.readline())
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE_SECONDS), FAILED)
            self.assertIn("error: interrupted\n", process.stderr.read())

    def test_a_server_that_the_broker_refuses_ends_with_6(self):
        self.gantry("serve", "canned://", "--topic", "calc", "--server", "node-1", code=UNREACHABLE)


class NoSecretShows(CannedCase):

    def outputs(self, *arguments, **variables):
        done = subprocess.run([COMMAND, *arguments], input="", capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS, env=environment(**variables))
        return done.stdout + done.stderr

    def test_sec_05_a_password_in_a_url_never_shows(self):
        urls = [f"canned://ada:{CANARY}@{rest}"
                for rest in ("h/", "h:port/", "h/?siez=1", f"h1,eve:{CANARY}@h2/", "h/v/w?x", "[::1/")]
        urls.append(f"nosuch://ada:{CANARY}@h/")
        for url in urls:
            for arguments in (("call", url), ("call", url, "calc"), ("call", url, "calc", "answer", "value:=1"),
                              ("call", url, url, "calc", "add"), ("call", "canned://", "calc", url),
                              ("call", url, "calc", "driver_error", f"text=lost {url} again"),
                              ("call", url, "calc", "remote_error", f"text={url}"), ("call", url, "--wings"),
                              ("cast", url, "calc", "refused", f"text={url}"),
                              ("serve", url, "--topic", "calc", "--server", "n", "--workers", "0"),
                              ("serve", "canned://", "--topic", url, "--server", "n"),
                              ("drivers", url), ("drivers", "show", url), ("check", url), ("decode", url), (url,),
                              ("--config", url, "drivers")):
                with self.subTest(arguments=arguments):
                    self.assertNotIn(CANARY, self.outputs("-vv", *arguments))
            self.assertNotIn(CANARY, self.outputs("-vv", "call", "calc", "undelivered", "text=x", GANTRY_URL=url))

    def test_sec_05_nor_one_in_a_configuration(self):
        for url in (f"canned://ada:{CANARY}@h/?siez=1", f"nosuch://ada:{CANARY}@h/", f"canned://ada:{CANARY}@h:port/",
                    f"canned://ada:{CANARY}@h/"):
            config = self.file(f"transports:\n  rpc:\n    url: {url}\n    options: {{token: {CANARY}, size: {CANARY}}}\n")
            for arguments in (("check", config), ("check", config, "--json"),
                              ("call", "-vv", "calc", "refused", "--config", config, "--transport", "rpc")):
                self.assertNotIn(CANARY, self.outputs(*arguments).replace(f"'{CANARY}'", ""), arguments)

    def test_a_password_on_the_command_line_gets_a_hint_once(self):
        url = f"canned://ada:{CANARY}@h/"
        self.assertEqual(self.gantry("call", url, "calc", "answer", "value:=5").stderr.count("hint:"), 1)
        self.assertIn("GANTRY_URL", self.gantry("call", url, "calc", "answer", "value:=5").stderr)
        self.assertEqual(self.gantry("call", "-q", url, "calc", "answer", "value:=5").stderr, "")
        self.assertEqual(self.gantry("call", "calc", "answer", "value:=5", GANTRY_URL=url).stderr, "")
        self.assertEqual(self.call("answer", "value:=5").stderr, "")


if __name__ == "__main__":
    unittest.main()
