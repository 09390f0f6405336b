#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The verbs of the command that open no transport: drivers, check, decode."""

import json
import os
import pathlib
import unittest

from command_case import FAILED, NOT_FOUND, UNSOUND, CommandCase

REFUSED_DRIVERS = os.environ["GANTRY_REFUSED_DRIVERS"]
VECTORS = pathlib.Path(__file__).parent.parent / "vectors" / "rabbit"


class Drivers(CommandCase):

    def objects(self, *arguments, **variables):
        return [json.loads(line) for line in self.gantry("drivers", "--json", *arguments, **variables).stdout.splitlines()]

    def canned(self):
        return next(each for each in self.objects() if each.get("driver") == "canned")

    def test_json_has_an_object_a_driver(self):
        canned = self.canned()
        self.assertTrue(canned.pop("file").endswith("/gantry_driver_canned.so"))
        self.assertEqual(canned, {
            "type": "driver", "driver": "canned", "version": "7.8.9", "abi": 1, "schemes": "canned tinned",
            "summary": "ends requests as their method says", "library": "none 1.0",
            "features": {"rpc": True, "notifications": False, "pools": False, "requeue": False,
                         "call_monitor": False, "at_least_once": False, "fanout_by_exchange": False},
            "found_by": "GANTRY_PLUGIN_PATH", "state": "available"})

    def test_PLUG_1_the_drivers_have_the_names_of_oslo(self):
        schemes = {each["driver"]: each["schemes"] for each in self.objects() if each["type"] == "driver"}
        self.assertEqual(schemes["fake"], "fake")
        if "rabbit" in schemes:  # a build may leave it out
            self.assertEqual((schemes["rabbit"], schemes["kombu"]), ("rabbit kombu", "rabbit kombu"))

    def test_json_ends_with_the_directories_searched(self):
        found = [(each["directory"], each["source"]) for each in self.objects() if each["type"] == "directory"]
        self.assertEqual(found, [(path, "GANTRY_PLUGIN_PATH") for path in os.environ["GANTRY_PLUGIN_PATH"].split(":")])

    def test_a_pipe_gets_columns_separated_by_tabs(self):
        done = self.gantry("drivers")
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        self.assertEqual(lines[0], ["DRIVER", "VERSION", "ABI", "SCHEMES", "RPC", "NOTIFY", "POOLS", "REQUEUE", "MONITOR",
                                    "AT_LEAST_ONCE", "FANOUT_BY_EXCHANGE", "LIBRARY", "FILE", "STATE"])
        self.assertEqual({len(line) for line in lines}, {len(lines[0])})
        canned = next(line for line in lines if line[0] == "canned")
        self.assertEqual(canned[:6] + canned[-3:-2] + canned[-1:],
                         ["canned", "7.8.9", "1", "canned tinned", "yes", "no", "none 1.0", "available"])
        for path in os.environ["GANTRY_PLUGIN_PATH"].split(":"):
            self.assertIn(f"searched: {path} (GANTRY_PLUGIN_PATH)", done.stderr)

    def test_refused_files_are_listed_with_the_reason(self):
        refused = {each["driver"]: each["reason"] for each in self.objects(GANTRY_PLUGIN_PATH=REFUSED_DRIVERS)
                   if each.get("state") == "refused"}
        self.assertIn("no_entry", refused)
        self.assertIn("other_build", refused)
        table = self.gantry("drivers", GANTRY_PLUGIN_PATH=REFUSED_DRIVERS).stdout
        self.assertIn("\trefused: " + refused["no_entry"].split("\n")[0], table)

    def test_show_has_every_option(self):
        shown = json.loads(self.gantry("drivers", "show", "canned", "--json").stdout)
        self.assertEqual(shown["options"], [
            {"name": "size", "type": "integer", "default": "3", "min": 1.0, "max": 9.0, "secret": False,
             "help": "How large it is, in pieces."},
            {"name": "mode", "type": "text", "default": "slow", "choices": "slow,fast", "secret": False,
             "help": "How it goes."},
            {"name": "token", "type": "text", "secret": True, "help": "What nobody may see."}])
        text = self.gantry("drivers", "show", "canned").stdout
        for part in ("7.8.9", "none 1.0", "rpc", "size\tinteger\t3\t1 to 9\t-\tHow large it is, in pieces.",
                     "mode\ttext\tslow\tslow,fast", "token\ttext\t-\tany\tsecret"):
            self.assertIn(part, text)

    def test_show_of_a_driver_that_is_not_there_ends_with_3(self):
        self.gantry("drivers", "show", "nosuch", code=NOT_FOUND)

    def test_a_driver_that_is_refused_ends_with_1(self):
        self.gantry("drivers", "show", "no_entry", code=FAILED, GANTRY_PLUGIN_PATH=REFUSED_DRIVERS)


class Check(CommandCase):

    def problems(self, text):
        path = self.file(text)
        done = self.gantry("check", path, code=UNSOUND)
        return [line.removeprefix(path + ":") for line in done.stdout.splitlines()]

    def test_a_sound_file_ends_with_0(self):
        done = self.gantry("check", self.file("transports:\n  rpc:\n    url: canned://h/\n    options: {size: 4}\n"))
        self.assertEqual(done.stdout, "")

    def test_every_problem_has_its_place_and_the_nearest_name(self):
        problems = self.problems("transports:\n"
                                 "  rpc:\n"
                                 "    url: canned://h/\n"
                                 "    options: {siez: 4, mode: flying, size: 10}\n"
                                 "  events:\n"
                                 "    url: caned://h/\n"
                                 "notificatoins: {}\n")
        self.assertEqual(len(problems), 5, problems)
        self.assertTrue(any(line.startswith("7:1: ") and "notifications" in line for line in problems), problems)
        self.assertTrue(any(line.startswith("4:") and "did you mean 'size'?" in line for line in problems), problems)
        self.assertTrue(any(line.startswith("4:") and "slow" in line for line in problems), problems)
        self.assertTrue(any(line.startswith("6:") and "did you mean 'canned'?" in line for line in problems), problems)

    def test_options_in_the_query_are_checked(self):
        self.assertIn("did you mean 'size'?", self.problems("transports:\n  rpc:\n    url: canned://h/?siez=4\n")[0])

    def test_json_has_an_object_a_problem(self):
        done = self.gantry("check", "--json", self.file("transprots: {}\n"), code=UNSOUND)
        self.assertIn(":1:1: ", json.loads(done.stdout)["problem"])

    def test_what_is_no_yaml_is_a_problem(self):
        self.assertEqual(len(self.problems("transports: [\n")), 1)

    def test_a_file_that_is_not_there_ends_with_3(self):
        self.gantry("check", "/nowhere/bus.yaml", code=NOT_FOUND)


def bodies(vector):
    frames = json.loads((VECTORS / vector).read_text())["frames"]
    return [frame["body"] for frame in frames if "body" in frame]


class Decode(CommandCase):

    def decode(self, body):
        return json.loads(self.gantry("decode", "--json", stdin=body).stdout)

    def test_a_request(self):
        request, reply = bodies("rpc/call_basic.json")
        self.assertEqual(self.decode(request), {
            "envelope": "2.0", "kind": "request", "answered": True, "method": "echo", "args": {"x": 1},
            "msg_id": "ffbf36835726447b887176b0be9aba24", "reply_q": "reply_b1a36a3194d54551813ef6f47b968d7f",
            "unique_id": "a4449617fdc34ec391f111d71a59cbd3", "context": {}})
        self.assertEqual(self.decode(reply), {
            "envelope": "2.0", "kind": "reply", "msg_id": "ffbf36835726447b887176b0be9aba24",
            "unique_id": "15a6ce912af942a59b851972a32e6fbc", "ending": True, "result": {"x": 1}})

    def test_a_cast_is_a_request_that_nobody_answers(self):
        cast, = bodies("rpc/cast_topic.json")
        decoded = self.decode(cast)
        self.assertEqual((decoded["kind"], decoded["answered"]), ("request", False))

    def test_a_request_with_its_context_and_monitor(self):
        self.assertEqual(self.decode(bodies("rpc/call_monitor.json")[0])["monitor"], 4.0)
        body = bodies("rpc/call_context_dict.json")[0]
        inner = json.loads(json.loads(body)["oslo.message"])
        expected = {key.removeprefix("_context_"): value for key, value in inner.items() if key.startswith("_context_")}
        self.assertEqual(self.decode(body)["context"], expected)

    def test_a_heartbeat(self):
        kinds = [self.decode(body)["kind"] for body in bodies("rpc/call_monitor.json")]
        self.assertEqual(kinds[0], "request")
        self.assertEqual(set(kinds[1:-1]), {"heartbeat"})
        self.assertEqual(kinds[-1], "reply")

    def test_a_failure(self):
        decoded = self.decode(bodies("rpc/reply_exc_expected.json")[1])
        self.assertEqual(decoded["kind"], "failure")
        self.assertEqual(decoded["failure"], {
            "class": "ValueError", "module": "builtins", "message": "('expected bad value', 7)",
            "traceback": ["ValueError: ('expected bad value', 7)\n"], "args": ["expected bad value", 7], "kwargs": {}})

    def test_notifications_of_both_formats(self):
        for vector, envelope in (("notify/v1_info.json", "none"), ("notify/v2_info.json", "2.0")):
            decoded = self.decode(bodies(vector)[0])
            self.assertEqual((decoded["kind"], decoded["envelope"], decoded["priority"]),
                             ("notification", envelope, "INFO"))

    def test_for_people_there_is_a_line_a_field(self):
        request, _ = bodies("rpc/call_basic.json")
        lines = self.gantry("decode", self.file(request, "body")).stdout.splitlines()
        self.assertEqual(lines[:2], ["envelope: 2.0", "kind: request"])
        self.assertIn("method: echo", lines)
        self.assertEqual(lines, self.gantry("decode", stdin=request).stdout.splitlines())

    def test_bad_input_ends_with_1_and_the_reason(self):
        for body, reason in (("", "JSON"), ("this is not JSON", "JSON"), ("[1]", "object"),
                             ('{"oslo.version": "3.0", "oslo.message": "{}"}', "3.0"),
                             ('{"oslo.version": "2.0", "oslo.message": "{"}', ""),
                             ('{"a": 1}', "neither a request"), ("[" * 100_000, "")):
            with self.subTest(body=body[:50]):
                self.assertIn(reason, self.gantry("decode", stdin=body, code=FAILED).stderr)

    def test_a_file_that_is_not_there_ends_with_3(self):
        self.gantry("decode", "/nowhere/body", code=NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
