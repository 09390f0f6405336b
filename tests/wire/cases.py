# SPDX-License-Identifier: Apache-2.0
"""What the tests of the wire share: the player, and a report in googletest's words that names the vector."""

import sys
import time
import unittest

from player import Player


class Report(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.began, self.failed = time.monotonic(), False
        print(f"[ RUN      ] {title(test)}", flush=True)

    def stopTest(self, test):
        super().stopTest(test)
        milliseconds = int((time.monotonic() - self.began) * 1000)
        print(f"{'[  FAILED  ]' if self.failed else '[       OK ]'} {title(test)} ({milliseconds} ms)", flush=True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._show(self.failures)

    def addError(self, test, error):
        super().addError(test, error)
        self._show(self.errors)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            print(f"{subtest._message}:")
            self._show(self.failures if issubclass(error[0], test.failureException) else self.errors)

    def _show(self, told):
        self.failed = True
        print(told[-1][1], end="", flush=True)


def title(test):
    return f"{type(test).__name__}.{getattr(test, '_testMethodName', '').removeprefix('test_')}"


class WireCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.player = Player()

    @classmethod
    def tearDownClass(cls):
        cls.player.close()


def main():
    report = Report()
    loader, module = unittest.TestLoader(), sys.modules["__main__"]
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    suite.run(report)
    sys.exit(0 if report.wasSuccessful() and report.testsRun else 1)
