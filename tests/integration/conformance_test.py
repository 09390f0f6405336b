#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What gantry-conformance reports, on drivers that are right, wrong, unable and stuck.

Takes the program from GANTRY_CONFORMANCE; GANTRY_PLUGIN_PATH leads to the drivers, those that are
broken on purpose included.
"""

import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PROGRAM = os.environ["GANTRY_CONFORMANCE"]
LINE = re.compile(r"^(ok|not ok) (\d+) - (.*?)(?: # SKIP (.*))?$", re.MULTILINE)


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Program(unittest.TestCase):
    def junit(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "junit.xml")
            code, out, _ = run(*arguments, "--junit", str(file))
            return code, out, ElementTree.parse(file).getroot()

    def test_lists_at_least_eighty_cases_each_with_its_requirement(self):
        code, out, _ = run("--list")
        names = out.splitlines()
        self.assertEqual(code, 0)
        self.assertGreaterEqual(len(names), 80)
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^[a-z ]+: [A-Z]+_\d")

    def test_a_case_that_holds(self):
        code, out, xml = self.junit("fake://program", "--filter", "fanout: DRV_5 *")
        self.assertEqual((code, out.splitlines()[:2]), (0, ["TAP version 13", "1..1"]))
        self.assertEqual([line[:2] for line in LINE.findall(out)], [("ok", "1")])
        self.assertEqual((xml.get("tests"), xml.get("failures")), ("1", "0"))
        self.assertEqual(xml.find("testcase").get("classname"), "fanout")

    def test_a_case_that_does_not_hold(self):
        code, out, xml = self.junit("misbehaving://", "--filter", "addressing: DRV_2 a call *")
        self.assertEqual(code, 1)
        self.assertEqual({result for result, *_ in LINE.findall(out)}, {"not ok"})
        self.assertIn("# the driver 'misbehaving' failed", out)
        self.assertEqual(xml.get("failures"), xml.get("tests"))

    def test_what_a_driver_cannot_do_is_skipped_with_the_reason_and_shown_to_be_refused(self):
        code, out, xml = self.junit("good://")
        self.assertEqual(code, 0)
        results = {name: reason for _, _, name, reason in LINE.findall(out)}
        self.assertEqual(results["addressing: DRV_2 a call to the topic is answered"],
                         "the driver has no rpc")
        self.assertEqual(results["unsupported: DRV_23 without rpc its verbs are refused"], "")
        self.assertEqual(int(xml.get("skipped")), len([r for r in results.values() if r]))

    def test_a_case_that_hangs_is_named_and_ends_the_run(self):
        code, out, xml = self.junit("hanging://", "--filter", "*a call to nobody*", "--timeout-scale", "0.01")
        self.assertEqual(code, 1)
        self.assertIn("not ok 1 - addressing: RELIABILITY_4_2 a call to nobody", out)
        self.assertIn("# it hangs", out)
        self.assertIn("Bail out! RELIABILITY_4_2 a call to nobody", out)
        self.assertEqual(xml.get("failures"), "1")

    def test_exit_codes(self):
        for expected, arguments in [
            (0, ["--help"]),
            (0, ["--version"]),
            (2, []),
            (2, ["--no-such-option"]),
            (2, ["fake://", "--filter", "no such case"]),
            (2, ["no url"]),
            (2, ["fake:///?no_such_option=1"]),
            (2, ["fake://", "--timeout-scale", "0"]),
            (3, ["nosuch://"]),
            (1, ["fake://", "--filter", "fanout: DRV_5 *", "--junit", "/nonexistent/file.xml"]),
        ]:
            code, out, err = run(*arguments)
            self.assertEqual(code, expected, f"{arguments}: {out}{err}")

    def test_a_broker_that_is_not_there(self):
        if not any(Path(path, "gantry_driver_rabbit.so").exists()
                   for path in os.environ["GANTRY_PLUGIN_PATH"].split(":")):
            self.skipTest("the rabbit driver is not built")
        code, out, err = run("rabbit://u:S3cret@127.0.0.1:1/", "--timeout-scale", "0.02")
        self.assertEqual((code, out), (6, ""), err)
        self.assertIn("127.0.0.1:1", err)
        self.assertNotIn("S3cret", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
