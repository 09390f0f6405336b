#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests against unmodified oslo.messaging: run_interop.py [TEST...]

Runs beside a broker (tests/integration/rabbit_broker.py) and takes the command under test from
GANTRY_COMMAND. Reports as googletest does, then prints the matrix of what was shown in which direction.
Exit code 77: the peer is missing.
"""

import os
import pathlib
import sys
import time
import unittest

EXIT_SKIPPED = 77


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
    return f"{type(test).__name__}.{test._testMethodName.removeprefix('test_')}"


def main(names):
    for variable in ("GANTRY_TEST_RABBIT", "GANTRY_COMMAND"):
        if variable not in os.environ:
            print(f"{variable} is not set; run this through tests/integration/rabbit_broker.py", file=sys.stderr)
            return 2
    try:
        import oslo_messaging  # noqa: F401
    except ImportError as e:
        print(f"SKIPPED: {sys.executable} has no oslo.messaging ({e}); install the package "
              "python3-oslo.messaging", file=sys.stderr)
        return EXIT_SKIPPED
    import case

    loader = unittest.TestLoader()
    here = str(pathlib.Path(__file__).parent)
    tests = loader.loadTestsFromNames(names) if names else loader.discover(here)
    report = Report()
    tests.run(report)
    print(f"\n{case.MATRIX}")
    return 0 if report.wasSuccessful() and report.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
