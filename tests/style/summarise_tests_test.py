# SPDX-License-Identifier: Apache-2.0
"""The summary counts cases, names what was skipped, and is strict where CI asks for it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SUMMARISE = Path(__file__).parents[2] / "scripts" / "summarise_tests.py"
GOOGLETEST = """\
[ RUN      ] Pool.LendsTheNewest
[       OK ] Pool.LendsTheNewest (0 ms)
[ RUN      ] Pool.Skips/0
pool_test.cpp:7: Skipped
no broker

[  SKIPPED ] Pool.Skips/0, where GetParam() = 3 (1 ms)
[==========] 2 tests from 1 test suite ran. (1 ms total)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Pool.Skips/0, where GetParam() = 3
"""
TAP = """\
TAP version 13
1..4
ok 1 - fanout: DRV_4 a fanout reaches each server once
not ok 2 - reply: RPLY_8 null is an answer
# the answer: 1 instead of null (reply.cpp:80)
ok 3 - pools: DRV_15 each pool gets a copy # SKIP the driver has no pools
"""


def summarise(*tests, ci="false"):
    with tempfile.TemporaryDirectory() as build:
        log = Path(build, "meson-logs", "testlog.json")
        log.parent.mkdir()
        log.write_text("".join(json.dumps(test) + "\n" for test in tests))
        env = {**os.environ, "CI": ci}
        run = subprocess.run([sys.executable, SUMMARISE, build], capture_output=True, text=True, env=env)
        return run.returncode, run.stdout.strip().splitlines()


def result(what, stdout="", suite="unit"):
    return {"name": f"gantry:{suite} / t", "result": what, "stdout": stdout}


class Summary(unittest.TestCase):
    def test_counts_a_program_by_its_cases_and_others_as_one(self):
        code, lines = summarise(result("OK", GOOGLETEST), result("OK", "fine"))
        self.assertEqual((code, lines[-1]), (0, "2 passed, 0 failed, 1 skipped"))
        self.assertIn("!!!   gantry:unit / t: Pool.Skips/0: no broker", lines)

    def test_counts_the_cases_of_tap(self):
        code, lines = summarise(result("ERROR", TAP, "conformance"), ci="true")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 1 skipped"))
        self.assertIn("!!!   gantry:conformance / t: pools: DRV_15 each pool gets a copy: the driver has no pools", lines)
        self.assertIn("!!!   gantry:conformance / t: reply: RPLY_8 null is an answer (FAILED)", lines)

    def test_counts_a_failed_case_once(self):
        stdout = "[  FAILED  ] A.B (1 ms)\n[  FAILED  ] A.B\n"
        code, lines = summarise(result("FAIL", stdout))
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_counts_a_crash_after_good_cases_as_a_failure(self):
        code, lines = summarise(result("FAIL", "[       OK ] A.B (1 ms)\n[ RUN      ] A.C\n"))
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_counts_a_timeout_as_a_failure(self):
        code, lines = summarise(result("TIMEOUT"))
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_names_the_reason_of_a_skipped_test(self):
        code, lines = summarise(result("SKIP", "start\nskipped: no rabbitmq-server\n"))
        self.assertEqual((code, lines[-1]), (0, "0 passed, 0 failed, 1 skipped"))
        self.assertIn("!!!   gantry:unit / t: skipped: no rabbitmq-server", lines)

    def test_in_ci_a_skipped_test_is_an_error(self):
        self.assertEqual(summarise(result("SKIP"), ci="true")[0], 1)

    def test_in_ci_a_skipped_case_is_an_error_where_brokers_and_peers_are_needed(self):
        self.assertEqual(summarise(result("OK", GOOGLETEST, "interop"), ci="true")[0], 1)

    def test_in_ci_a_peer_that_no_registry_gives_is_told_and_no_error(self):
        stdout = GOOGLETEST.replace("no broker", "no registry: oslo.messaging 99 is not here")
        code, lines = summarise(result("OK", stdout, "interop"), ci="true")
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("!!!   gantry:interop / t: Pool.Skips/0: no registry: oslo.messaging 99 is not here", lines)

    def test_in_ci_a_broker_that_no_registry_gives_is_told_and_no_error(self):
        skipped = result("SKIP", "SKIPPED: no registry: Apache Kafka is not here\n", "integration")
        code, lines = summarise(skipped, ci="true")
        self.assertEqual((code, lines[-1]), (0, "0 passed, 0 failed, 1 skipped"))
        self.assertIn("!!!   gantry:integration / t: SKIPPED: no registry: Apache Kafka is not here", lines)

    def test_in_ci_a_machine_without_namespaces_is_told_and_no_error(self):
        skipped = result("SKIP", "SKIPPED: no namespace may be made here\n", "integration")
        self.assertEqual(summarise(skipped, ci="true")[0], 0)

    def test_shows_a_report_as_it_is(self):
        _, lines = summarise(result("OK", GOOGLETEST + "\n=== the matrix\n  a   b\nx  ok  FAIL\n"))
        self.assertEqual(lines[:3], ["=== the matrix", "  a   b", "x  ok  FAIL"])

    def test_in_ci_a_case_that_a_driver_cannot_do_may_be_skipped(self):
        self.assertEqual(summarise(result("OK", GOOGLETEST, "conformance"), ci="true")[0], 0)


if __name__ == "__main__":
    unittest.main()
