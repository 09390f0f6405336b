# SPDX-License-Identifier: Apache-2.0
"""The requirements script reads ids from every kind of test, and tells what is missing and what is odd."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "requirements"
VERSION = "TEST(Version, VER_1_2_3_AllOfThem) {"


def run(tests, table="", arguments=()):
    """The exit code, the lines by their first word, and all lines."""
    with tempfile.TemporaryDirectory() as root:
        files = {f"tests/{name}": text for name, text in tests.items()}
        files["docs/decisions/0007-requirements-left-out.md"] = "| id | why |\n|---|---|\n" + table
        for name, text in files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, SCRIPT, *arguments, root], capture_output=True, text=True)
        lines = done.stdout.splitlines()
        return done.returncode, {line.split()[0]: line for line in lines}, lines


class Requirements(unittest.TestCase):
    def test_counts_several_ids_of_one_name(self):
        _, areas, _ = run({"unit/version_test.cpp": VERSION})
        self.assertEqual(areas["VER"], "VER     3 of  3")
        self.assertTrue(areas["ENV"].endswith("missing: 1, 2, 3, 4, 5, 6"))

    def test_reads_fixtures_names_on_a_second_line_python_and_conformance_cases(self):
        tests = {
            "unit/a_test.cpp": "TEST_F(Fixture,\n       ENV_1_ENV_2_Both) {",
            "interop/test_b.py": "    def test_ENV_3_four(self):",
            "conformance/c.cpp": '{"ENV_4 ENV_5 a sentence", run},',
        }
        self.assertTrue(run(tests)[1]["ENV"].endswith("5 of  6   missing: 6"))

    def test_numbers_within_a_sentence_are_no_ids(self):
        tests = {"unit/a_test.cpp": "TEST(A, ENV_2_ThreeOf_4_Are2_0) { // ENV_5_no\n"}
        self.assertTrue(run(tests)[1]["ENV"].endswith("missing: 1, 3, 4, 5, 6"))

    def test_what_the_decision_leaves_out_is_not_missing_but_a_part_of_it_is(self):
        table = "| ENV-1…3, 5 | why |\n| ENV-6 (ordered part) | why |\n"
        self.assertEqual(run({}, table)[1]["ENV"], "ENV     0 of  6   missing: 4, 6")

    def test_tells_ids_that_do_not_exist(self):
        tests = {"unit/a_test.cpp": "TEST(A, VER_4_X) {\nTEST(A, ULR_1_X) {\nTEST(A, SEC_16_X) {"}
        _, _, lines = run({**tests, "unit/b_test.cpp": VERSION}, "| ENV-7 | why |\n")
        self.assertEqual(lines[-3:], [
            "docs/decisions/0007-requirements-left-out.md: ENV-7 does not exist",
            "tests/unit/a_test.cpp: ULR-1 does not exist",
            "tests/unit/a_test.cpp: VER-4 does not exist",
        ])

    def test_only_a_check_fails(self):
        self.assertEqual(run({})[0], 0)
        self.assertEqual(run({}, arguments=["--check"])[0], 1)

    def test_a_check_passes_when_all_are_named_or_left_out(self):
        counts = [("URL", 33), ("OVR", 12), ("CFG", 15), ("PLUG", 36), ("TRN", 15), ("TGT", 9), ("DRV", 25),
                  ("MSG", 10), ("LSN", 15), ("BATCH", 14), ("POOL", 22), ("SRV", 23), ("RPCS", 18), ("DISP", 21),
                  ("CLI", 24), ("RPLY", 19), ("ENV", 6), ("EXC", 10), ("SER", 6), ("NTF", 16),
                  ("NDRV", 8), ("ROUT", 12), ("NLSN", 12), ("NDSP", 9), ("FLT", 7), ("HOOK", 9), ("FAKE", 22)]
        table = "".join(f"| {area}-1…{count} | why |\n" for area, count in counts)
        self.assertEqual(run({"unit/version_test.cpp": VERSION}, table, ["--check"])[0], 0)


if __name__ == "__main__":
    unittest.main()
