#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests against one version of oslo.messaging: run_interop.py [--again] [--column FILE] [TEST...]

That version is the one of the interpreter that runs this. Stands beside a broker
(tests/integration/rabbit_broker.py) and takes the command under test from GANTRY_COMMAND and the client
peers/gantry_caller.cpp from GANTRY_CALLER. Reports as googletest does, then prints the matrix.

With --again the tests that no version makes a difference to are left out, for they have run already.
The file gets the cells. run_matrix.py runs this with every version there is.
"""

import argparse
import importlib.metadata
import os
import pathlib
import sys
import time
import unittest

from matrix import table


class Report(unittest.TestResult):
    """Each case in googletest's words, so that all tests are counted alike."""

    def startTest(self, test):
        super().startTest(test)
        self.began, self.failed = time.monotonic(), False
        print(f"[ RUN      ] {title(test)}", flush=True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._show(self.failures)

    def addError(self, test, error):
        super().addError(test, error)
        self._show(self.errors)

    def stopTest(self, test):
        super().stopTest(test)
        milliseconds = int((time.monotonic() - self.began) * 1000)
        result = "[  FAILED  ]" if self.failed else "[       OK ]"
        print(f"{result} {title(test)} ({milliseconds} ms)", flush=True)

    def _show(self, told):
        self.failed = True
        print(told[-1][1], end="", flush=True)


def title(test):
    name = f"{type(test).__name__}.{test._testMethodName.removeprefix('test_')}"
    return f"{name} with {importlib.metadata.version('oslo.messaging')}"


def chosen(tests, again):
    for each in tests:
        if isinstance(each, unittest.TestSuite):
            yield from chosen(each, again)
        elif not again or getattr(each, "depends_on_version", True):
            yield each


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--column", type=pathlib.Path)
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    for variable in ("GANTRY_TEST_RABBIT", "GANTRY_COMMAND", "GANTRY_CALLER"):
        if variable not in os.environ:
            print(f"{variable} is not set; run this through tests/integration/rabbit_broker.py", file=sys.stderr)
            return 2
    import case

    loader = unittest.TestLoader()
    here = str(pathlib.Path(__file__).parent)
    tests = loader.loadTestsFromNames(arguments.tests) if arguments.tests else loader.discover(here)
    report = Report()
    unittest.TestSuite(chosen(tests, arguments.again)).run(report)
    if arguments.column:
        case.COLUMN.save(arguments.column)
    else:
        print(f"\n{table([case.COLUMN])}")
    return 0 if report.wasSuccessful() and report.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
